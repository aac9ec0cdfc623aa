import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';
import { IsMailAddress } from '../platform/http/is-mail-address.decorator.js';
import { NotificationWithAttemptsDto } from '../notifications/notification.dto.js';
import type { NotificationPreferences } from './customer-preferences.entity.js';
import type { AddressLook } from './address-look.js';
import { UserDto } from './users/user.dto.js';
import { PageQuery } from '../platform/http/page.dto.js';

/** Filters of the list of customers. */
export class CustomersQuery extends PageQuery {
  /** Only customers with this email address, however it is spelled (case, punycode). */
  @IsOptional()
  @IsMailAddress()
  email?: string;

  /** Only customers of this MINGUS user. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  userId?: string;

  /** Only the members of this segment. */
  @IsOptional()
  @IsString()
  @Length(1, 63)
  segment?: string;
}

/** A Stripe customer as stored. */
export class CustomerDto implements AddressLook {
  id: string;
  /** Null while the customer is unlinked. */
  userId: string | null;
  stripeCustomerId: string;
  livemode: boolean;
  /** The event that created the record. */
  stripeEventId: string;
  account: string | null;
  email: string;
  /**
   * The address with its domain in ASCII, as mail servers write it: `xn--…` for a domain with other
   * characters.
   */
  emailAscii: string;
  /** The scripts of its letters other than Latin. An unexpected script may imitate another address. */
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
  /** The time of the state in Stripe that is stored here. */
  stateAt: Date;
  /** The type of the event with that state; `api` when it was fetched. */
  stateToldBy: string;
  /** When it was deleted in Stripe; null while it exists there. */
  deletedAt: Date | null;
  /** When the person was erased; null if they were not. */
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
  stage: 'onboarding' | 'trialing' | 'active' | 'at_risk' | 'past_due' | 'paused' | 'churned' | 'lapsed';
  /** Why the customer may leave; empty for customers without an active subscription. */
  risks: ('cancellation_scheduled' | 'collection_paused' | 'payment_failed' | 'dispute_open')[];
  /** When the customer entered the stage, by Stripe's time. */
  stageEnteredAt: Date;
  /** When the service recorded the stage; later than the customer entered it after a backfill. */
  stageRecordedAt: Date;
  /** When each milestone was reached; null if it was not yet. */
  milestones: Record<string, string | null>;
  /** When the service recorded each milestone. Milestones that are not reached are missing. */
  milestonesRecorded: Record<string, string>;
}

/** Something that happened to a customer. */
export class TimelineEntryDto {
  occurredAt: Date;
  /** What happened, e.g. `customer.created`, `lifecycle.onboarding`, `notification.sent`. */
  what: string;
  details: Record<string, unknown>;
}

/** The arm of a customer's user in an experiment. */
export class CustomerArmDto {
  experiment: string;
  /** The key of the arm. */
  arm: string;
  assignedAt: Date;
}

/** A customer with everything that is stored about it. */
export class CustomerViewDto extends CustomerDto {
  @ApiProperty({ type: Boolean, enum: [true], description: 'The customer has been set up.' })
  isSetUp: true;
  /** Null when the customer is unlinked, or MINGUS has removed the user. */
  @ApiProperty({ type: UserDto, nullable: true })
  user: UserDto | null;
  preferences: PreferencesDto;
  portalAccess: PortalAccessDto;
  lifecycle: LifecycleDto;
  /** Names of the segments that the customer is a member of. */
  segments: string[];
  /** The arms of the user in experiments. */
  experiments: CustomerArmDto[];
  notifications: NotificationWithAttemptsDto[];
  /** Oldest first. */
  timeline: TimelineEntryDto[];
}
