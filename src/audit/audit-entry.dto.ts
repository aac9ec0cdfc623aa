import { IsOptional, IsUUID, Matches } from 'class-validator';
import { PageQuery } from '../platform/http/page.dto.js';

/** Filters of the list of audit entries. */
export class AuditEntriesQuery extends PageQuery {
  /** Only entries about this customer (our id). */
  @IsOptional()
  @IsUUID()
  customerId?: string;

  /** Only entries about this object: a Stripe customer id, a user id, … */
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,255}$/, {
    message: 'objectId must be printable, without spaces, at most 255 characters',
  })
  objectId?: string;
}

/** Who did what to which object, when and why. */
export class AuditEntryDto {
  id: string;
  customerId: string | null;
  /** What happened, e.g. `customer.created`. */
  action: string;
  actorType: 'stripe' | 'operator' | 'system' | 'customer' | 'unknown';
  /** For Stripe: the request that caused it, if any. For operators: their key. */
  actorId: string | null;
  /** The name of the operator's key. */
  actorName?: string | null;
  objectType: string;
  objectId: string;
  /** `webhook`, `reconciliation`, `admin_api`, `cli`, `job`, `portal` or `service_api`. */
  source: string;
  /** The event behind it. */
  stripeEventId: string | null;
  /** The request to this service behind it, where it came from (a customer's is under `personal`), and the job. */
  requestId?: string | null;
  ip?: string | null;
  jobId?: string | null;
  details: Record<string, unknown>;
  /** Values of people before and after; null where there are none, or where they have been erased. */
  personal: Record<string, unknown> | null;
  /** From receipt to the decision, in milliseconds. */
  processingMs: number | null;
  occurredAt: Date;
}

export class AuditEntryPageDto {
  items: AuditEntryDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
