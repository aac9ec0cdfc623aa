import { IsIn } from 'class-validator';
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
