import { ApiProperty } from '@nestjs/swagger';
import { IsEmail, IsOptional, IsString, Length } from 'class-validator';
import { NotificationWithAttemptsDto } from '../notifications/notification.dto.js';
import type { NotificationPreferences } from './customer-preferences.entity.js';
import type { AddressLook } from './address-look.js';
import { UserDto } from './users/user.dto.js';
import { PageQuery } from '../platform/http/page.dto.js';

/** Filters of the list of customers. */
export class CustomersQuery extends PageQuery {
  /** Only customers with this email address. */
  @IsOptional()
  @IsEmail()
  email?: string;

  /** Only customers of this MINGUS user. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  userId?: string;
}

/** A Stripe customer as stored. */
export class CustomerDto implements AddressLook {
  id: string;
  /** Null while an operator has unlinked it. */
  userId: string | null;
  stripeCustomerId: string;
  livemode: boolean;
  /** The event that created the record. */
  stripeEventId: string;
  account: string | null;
  email: string;
  /** The address with its domain as mail servers know it: `xn--…` for one that is not ASCII. */
  emailAscii: string;
  /** Scripts of its letters other than Latin: where none is expected, it may imitate another address. */
  emailScripts: string[];
  name: string | null;
  phone: string | null;
  description: string | null;
  address: Record<string, unknown> | null;
  shipping: Record<string, unknown> | null;
  metadata: Record<string, string>;
  preferredLocales: string[];
  currency: string | null;
  /** In the currency's minor unit; negative is a credit. */
  balanceMinor: number;
  taxExempt: string | null;
  invoicePrefix: string | null;
  nextInvoiceSequence: number | null;
  invoiceSettings: Record<string, unknown> | null;
  defaultSource: string | null;
  delinquent: boolean | null;
  discount: Record<string, unknown> | null;
  testClock: string | null;
  stripeCreatedAt: Date | null;
  /** Fields of Stripe's object without a column of their own, as received. */
  additionalFields: Record<string, unknown>;
  /** As of when the fields are as in Stripe. */
  stateAt: Date;
  /** Which type of event told it; `api` when it was fetched. */
  stateToldBy: string;
  /** When it was deleted in Stripe; null while it exists there. */
  deletedAt: Date | null;
  /** When the person was forgotten; null while they are not. */
  erasedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  /** Stripe ids of the user's other customers, oldest first, at most ten; without those deleted in Stripe. */
  otherCustomers: string[];
}

export class CustomerPageDto {
  items: CustomerDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

export class PreferencesDto {
  /** Which notification kinds go through which channels. */
  notifications: NotificationPreferences;
  currency: string;
  invoiceDelivery: 'email' | 'none';
  /** BCP 47. */
  locale: string;
  /** IANA name. */
  timezone: string;
  metadata: Record<string, unknown>;
  updatedAt: Date;
}

export class PortalAccessDto {
  status: 'active' | 'suspended' | 'revoked';
  /** What the customer may do in the portal. */
  permissions: Record<string, boolean>;
  metadata: Record<string, unknown>;
  grantedAt: Date;
  firstAccessedAt: Date | null;
  lastAccessedAt: Date | null;
}

export class LifecycleDto {
  stage: 'onboarding' | 'active' | 'at_risk' | 'churned';
  stageEnteredAt: Date;
  /** When each milestone was reached; null is not yet. */
  milestones: Record<string, string | null>;
}

/** Something that happened to a customer. */
export class TimelineEntryDto {
  occurredAt: Date;
  /** What happened, e.g. `customer.created`, `lifecycle.onboarding`, `notification.sent`. */
  what: string;
  details: Record<string, unknown>;
}

/** A customer with everything the service knows. */
export class CustomerViewDto extends CustomerDto {
  /** Null when the customer is unlinked, or MINGUS has removed the user. */
  @ApiProperty({ type: UserDto, nullable: true })
  user: UserDto | null;
  preferences: PreferencesDto;
  portalAccess: PortalAccessDto;
  lifecycle: LifecycleDto;
  notifications: NotificationWithAttemptsDto[];
  /** Oldest first. */
  timeline: TimelineEntryDto[];
}
