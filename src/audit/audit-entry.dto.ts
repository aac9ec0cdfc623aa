import { IsIn, IsOptional, IsUUID, Matches } from 'class-validator';
import { IsTime } from '../platform/http/is-time.decorator.js';
import { PageQuery } from '../platform/http/page.dto.js';

const ACTOR_TYPES = ['stripe', 'operator', 'system', 'customer', 'unknown'] as const;

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

  /** Only entries of this action, e.g. `customer.created`. */
  @IsOptional()
  @Matches(/^[a-z_.]{1,64}$/)
  action?: string;

  /** Only acts of this kind of actor. */
  @IsOptional()
  @IsIn(ACTOR_TYPES)
  actorType?: (typeof ACTOR_TYPES)[number];

  /** Only acts of this actor: the id of a key (`/admin/api-keys`), or the request of Stripe (`req_…`). */
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,255}$/, {
    message: 'actorId must be printable, without spaces, at most 255 characters',
  })
  actorId?: string;

  /** Only entries from this time on (ISO 8601). */
  @IsOptional()
  @IsTime()
  since?: Date;

  /** Only entries before this time (ISO 8601). */
  @IsOptional()
  @IsTime()
  until?: Date;
}

/** An act: its actor, object, time and cause. */
export class AuditEntryDto {
  id: string;
  customerId: string | null;
  /** The act, e.g. `customer.created`. */
  action: string;
  actorType: (typeof ACTOR_TYPES)[number];
  /** For Stripe, the request that caused the act, if any. For operators, their key. */
  actorId: string | null;
  /** The name of the key of the operator. */
  actorName?: string | null;
  objectType: string;
  objectId: string;
  /** `webhook`, `reconciliation`, `admin_api`, `cli`, `job`, `portal`, `service_api`, `preference_page`, `one_click` or `http`. */
  source: string;
  /** The event that caused the act. */
  stripeEventId: string | null;
  /**
   * The request to this service that caused the act, its address (of a caller without a key it is under
   * `personal`), and the job.
   */
  requestId?: string | null;
  ip?: string | null;
  jobId?: string | null;
  details: Record<string, unknown>;
  /** Personal values before and after; null if there are none, or if they were erased. */
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
