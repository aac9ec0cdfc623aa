import { IsIn, IsString, Length } from 'class-validator';
import { IsOmittable } from '../../platform/http/is-omittable.decorator.js';
import { LimitQuery } from '../../platform/http/page.dto.js';
import { ERASURE_STATUSES, type ErasureStatus } from './connector-erasure.entity.js';

/** The erasures to list. */
export class ConnectorReceiptsQuery extends LimitQuery {
  /** `under_way` and `refused` are those that an operator looks for. */
  @IsOmittable()
  @IsIn(ERASURE_STATUSES)
  status?: ErasureStatus;
}

/** An operator's word that the person is gone from the system. */
export class SettleErasureDto {
  /** For the audit: what was done, such as `deleted by the vendor, ticket 4711`. No personal data. */
  @IsString()
  @Length(1, 500)
  reason: string;
}

/** The erasure of a person in a system, with its receipt. */
export class ConnectorReceiptDto {
  connector: string;
  customerId: string;
  stripeCustomerId: string;
  /** `under_way` until the system answers; `unsupported` if it cannot erase, so that an operator has to. */
  status: ErasureStatus;
  /** A code for why it is under way or refused. */
  reason: string | null;
  attempts: number;
  /** Null once there is a receipt. */
  nextAttemptAt: Date | null;
  requestedAt: Date;
  settledAt: Date | null;
}
