import { uuidv7 } from '../../platform/database/uuid.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import type { DeliveryKind } from '../connectors/connector.js';

/** An effect to bring about in a system. */
export interface NewDelivery {
  connector: string;
  customerId: string;
  kind: DeliveryKind;
  /** What causes it. The same connector, customer, kind and occurrence have one effect, however often they are queued. */
  occurrence: string;
  /** `trackEvent`: an `OutgoingEvent`. Actions: their fields. Ids and values only: the person is read at delivery. */
  content: object;
  isBackfill?: boolean;
  /** Its connector is disabled: it is kept, and not sent until an operator queues it. */
  isSkipped?: boolean;
}

/**
 * Queues a delivery in the transaction of the unit. A person who was erased gets none. A delivery of what happens now
 * takes the queued backfill of its customer with it, so that it does not wait as long as the backfill.
 * @returns the id of the delivery, if its effect was not queued before
 */
export function enqueueDelivery(
  unit: UnitOfWork,
  { isBackfill = false, isSkipped = false, ...given }: NewDelivery,
): string {
  const id = uuidv7();
  const status = isSkipped ? 'skipped' : 'queued';
  unit.execute(ENQUEUE, { ...given, id, status, isBackfill, at: new Date() });
  return id;
}

/**
 * Positions are given in the order of the rows. The lock of the customer conflicts with the one of an erasure: the
 * erasure finds the delivery, or the delivery is not queued.
 */
const ENQUEUE = `
  with given as materialized (
    select * from rows from (json_to_recordset($1::json) as (
      id uuid, connector text, "customerId" uuid, kind text, occurrence text, content jsonb, status text,
      "isBackfill" boolean, at timestamptz
    )) with ordinality as given (id, connector, customer_id, kind, occurrence, content, status, is_backfill, at, place)
  ), promoted as (
    update deliveries set is_backfill = false
    from (select distinct connector, customer_id from given where not is_backfill and status = 'queued') as live
    where deliveries.connector = live.connector and deliveries.customer_id = live.customer_id
      and deliveries.status = 'queued' and deliveries.is_backfill
  )
  insert into deliveries (id, connector, customer_id, kind, occurrence, content, status, is_backfill, attempts,
    next_attempt_at, is_unknown, created_at, updated_at, ended_at)
  select given.id, connector, customer_id, kind, occurrence, content, status, is_backfill, 0, at, false, at, at,
    case when status = 'skipped' then at end
  from given join customers on customers.id = given.customer_id
  where erased_at is null and not exists (
    select from connector_erasures erasure
    where erasure.connector = given.connector and erasure.customer_id = given.customer_id)
  order by place
  for key share of customers
  on conflict do nothing`;
