import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional, IsString, Length, Matches } from 'class-validator';
import type { PortalAccessStatus, PortalPermissions } from '../portal-access.entity.js';

/** The reason for a change by an operator. It is stored in the audit trail. */
export class PortalAccessReasonDto {
  /** 1 to 500 characters, on one line. */
  @Transform(({ value }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
  @Length(1, 500)
  @Matches(/^[^\p{Cc}\p{Cs}]*$/u, { message: 'reason must be a line of text' })
  reason: string;
}

/** What the customer may do in the billing portal. A missing field stays as it is. */
export class ChangePortalPermissionsDto extends PortalAccessReasonDto {
  /** See and download invoices. */
  @IsOptional()
  @IsBoolean()
  viewInvoices?: boolean;

  /** Add, change and remove payment methods. */
  @IsOptional()
  @IsBoolean()
  updatePaymentMethod?: boolean;

  /** Change name, address, email, phone and tax id. */
  @IsOptional()
  @IsBoolean()
  updateBillingDetails?: boolean;

  /** Cancel a subscription at the end of its period. */
  @IsOptional()
  @IsBoolean()
  cancelSubscription?: boolean;
}

export class PortalPermissionsDto implements PortalPermissions {
  viewInvoices: boolean;
  updatePaymentMethod: boolean;
  updateBillingDetails: boolean;
  cancelSubscription: boolean;
}

/** A customer's access to the billing portal. */
export class PortalAccessStateDto {
  customerId: string;
  status: PortalAccessStatus;
  permissions: PortalPermissionsDto;
  grantedAt: Date;
  firstAccessedAt: Date | null;
  lastAccessedAt: Date | null;
  updatedAt: Date;
}
