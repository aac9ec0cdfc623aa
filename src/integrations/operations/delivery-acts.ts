import type { EntityManager } from 'typeorm';
import type { ConnectorRegistry } from '../connectors/connector-registry.service.js';
import type { DeliveryStatus } from '../deliveries/delivery.entity.js';

/** What an operator can do with deliveries. */
export type ActName = 'resend' | 'cancel';

interface Act {
  /** The status that a delivery must have. */
  readonly from: readonly DeliveryStatus[];
  /** The names of the acts in the audit. */
  readonly one: string;
  readonly many: string;
  /** SQL; `$1` has the ids, and for `resend` `$2` the systems that can be searched. */
  readonly statement: string;
}

const IS_SEARCHED = `(is_unknown and (status <> 'held' or connector in (
  select name from connectors where system = any($2::text[]))))`;

export const DELIVERY_ACTS: Readonly<Record<ActName, Act>> = {
  resend: {
    from: ['queued', 'rejected', 'held', 'cancelled', 'skipped'],
    one: 'delivery.resent',
    many: 'deliveries.resent',
    // What an attempt created is found a minute later. It is searched, unless it was held because that is impossible.
    statement: `
      update deliveries set status = 'queued', attempts = 0, reason = null, detail = null, ended_at = null,
        is_unknown = ${IS_SEARCHED}, updated_at = now(), next_attempt_at = case when ${IS_SEARCHED}
          then greatest(now(), tried_at + interval '1 minute') else now() end
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

/** Changes deliveries that have a status that the act fits. */
export async function changeDeliveries(
  manager: EntityManager,
  { systems }: ConnectorRegistry,
  act: ActName,
  ids: readonly string[],
): Promise<void> {
  const searchable = [...systems].filter(([, { search }]) => search !== undefined).map(([system]) => system);
  await manager.query(DELIVERY_ACTS[act].statement, act === 'resend' ? [ids, searchable] : [ids]);
}
