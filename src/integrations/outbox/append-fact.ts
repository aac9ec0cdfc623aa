import type { FactData, FactTypeName } from '../../events/integrations/fact-types.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';

/** How many relays can run side by side. */
export const PARTITIONS = 8;

/** Adds a fact about a customer to the outbox, in the transaction of the unit. @param occurredAt ISO 8601 */
export function appendFact<T extends FactTypeName>(
  unit: UnitOfWork,
  customerId: string,
  { type, data, occurredAt }: { type: T; data: FactData<T>; occurredAt: string },
): void {
  const row = { id: uuidv7(), customerId, type, data, occurredAt, recordedAt: new Date() };
  unit.executeFinally(APPEND, row, 'outbox append');
}

/** A bigint, because other columns are compared with it. */
const TXID = 'pg_current_xact_id()::text::bigint';

/**
 * A customer's sequence is raised under the lock of its row in `outbox_sequences`, which the transaction holds until it
 * ends. The rows are locked in the order of the customers, so that two transactions do not deadlock. A creation needs no
 * such row: its customer is known to no other transaction. Nothing is written if no consumer was ever switched on.
 */
const APPEND = `
  with given as materialized (
    select * from rows from (json_to_recordset($1::json) as (
      id uuid, "customerId" uuid, type text, data jsonb, "occurredAt" timestamptz, "recordedAt" timestamptz
    )) with ordinality as given (id, customer_id, type, data, occurred_at, recorded_at, place)
    where exists (select from outbox_positions)
  ), later as materialized (
    select *, row_number() over (partition by customer_id order by place desc) - 1 as following
    from given where type <> 'customer.created'
  ), raised as (
    insert into outbox_sequences as counter (customer_id, sequence, txid)
    select customer_id, 1 + count(*), greatest(${TXID}, (
      select txid from outbox where outbox.customer_id = later.customer_id and outbox.sequence = 1))
    from later group by customer_id order by customer_id
    on conflict (customer_id) do update
    set sequence = counter.sequence + excluded.sequence - 1, txid = greatest(counter.txid, excluded.txid)
    returning customer_id, sequence, txid
  ), numbered as (
    select given.*, 1 as sequence, ${TXID} as txid from given where type = 'customer.created'
    union all
    select later.id, later.customer_id, type, data, occurred_at, recorded_at, place, sequence - following, txid
    from later join raised on raised.customer_id = later.customer_id
  )
  insert into outbox (id, customer_id, sequence, partition, txid, type, data, occurred_at, recorded_at)
  select id, customer_id, sequence, uuid_hash(customer_id) & ${PARTITIONS - 1}, txid, type, data, occurred_at, recorded_at
  from numbered`;
