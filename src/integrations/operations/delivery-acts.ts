import type { DeliveryStatus } from '../deliveries/delivery.entity.js';

/** What an operator can do with deliveries. */
export type ActName = 'resend' | 'cancel';

interface Act {
  /** The status that a delivery must have. */
  readonly from: readonly DeliveryStatus[];
  /** The names of the acts in the audit. */
  readonly one: string;
  readonly many: string;
  /** SQL; `$1` has the ids. */
  readonly statement: string;
}

export const DELIVERY_ACTS: Readonly<Record<ActName, Act>> = {
  resend: {
    from: ['queued', 'rejected', 'held', 'cancelled', 'skipped'],
    one: 'delivery.resent',
    many: 'deliveries.resent',
    statement: `
      update deliveries set status = 'queued', attempts = 0, next_attempt_at = now(), reason = null, detail = null,
        is_unknown = is_unknown and status <> 'held', ended_at = null, updated_at = now()
      where id = any($1)`,
  },
  cancel: {
    from: ['queued', 'held', 'rejected', 'skipped'],
    one: 'delivery.cancelled',
    many: 'deliveries.cancelled',
    statement: `
      update deliveries set status = 'cancelled', reason = 'operator', ended_at = now(), updated_at = now()
      where id = any($1)`,
  },
};

/** Deliveries with these reasons cannot be queued again: the person, the connector or the content is gone. */
export const FINAL_REASONS: readonly string[] = ['person_erased', 'connector_deleted', 'expired'];
