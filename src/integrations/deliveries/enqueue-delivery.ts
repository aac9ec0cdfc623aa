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
}

/** Queues a delivery in the transaction of the unit. A person who was erased gets none. */
export function enqueueDelivery(unit: UnitOfWork, { isBackfill = false, ...given }: NewDelivery): void {
  unit.execute(ENQUEUE, { ...given, id: uuidv7(), isBackfill, at: new Date() });
}

/** Positions are given in the order of the rows. */
const ENQUEUE = `
  insert into deliveries (id, connector, customer_id, kind, occurrence, content, status, is_backfill, attempts,
    next_attempt_at, is_unknown, created_at, updated_at)
  select id, connector, customer_id, kind, occurrence, content, 'queued', is_backfill, 0, at, false, at, at
  from rows from (json_to_recordset($1::json) as (
    id uuid, connector text, "customerId" uuid, kind text, occurrence text, content jsonb, "isBackfill" boolean,
    at timestamptz
  )) with ordinality as given (id, connector, customer_id, kind, occurrence, content, is_backfill, at, place)
  where not exists (
    select from connector_erasures erasure
    where erasure.connector = given.connector and erasure.customer_id = given.customer_id)
  order by place
  on conflict do nothing`;
