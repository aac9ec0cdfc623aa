import type { EntityManager } from 'typeorm';
import { uuidv7 } from '../../../platform/database/uuid.js';
import type { DeliveryKind } from '../../connectors/connector.js';

/** The reason of a delivery whose process died during the attempt: the delivery may be why, and is tried alone. */
export const PROCESS_DIED = 'process_died';

/** A delivery whose attempt is under way. */
export interface ClaimedDelivery {
  id: string;
  customerId: string;
  kind: DeliveryKind;
  content: Record<string, unknown>;
  attempts: number;
  isUnknown: boolean;
}

/** How many deliveries a claim takes, and for how long. */
export interface ClaimLimits {
  rows: number;
  ms: number;
}

/** Deliveries of one kind, each of another customer. */
export interface Claim {
  /** Marks the rows of this attempt. */
  token: string;
  claimedAt: Date;
  deliveries: ClaimedDelivery[];
}

/**
 * Claims the next deliveries to a connector: the oldest that is due and others of its kind, live ones before backfills. A
 * delivery waits until all earlier ones of its customer have ended. The rows are locked, which an erasure waits for.
 */
export async function claimNext(
  manager: EntityManager,
  connector: string,
  { rows: limit, ms }: ClaimLimits,
  withBackfills = true,
): Promise<Claim> {
  const token = uuidv7();
  const [rows] = await manager.query<[(ClaimedDelivery & { position: number })[], number]>(CLAIM, [
    connector,
    limit,
    token,
    ms / 1000,
    withBackfills,
  ]);
  const claimedAt = new Date();
  return { token, claimedAt, deliveries: rows.toSorted((one, other) => one.position - other.position) };
}

/**
 * Whether a delivery is due, and the first open one of its customer. A comparison with the minimum is no join: PostgreSQL
 * looks at the deliveries in their order and ends at the limit, however many wait.
 */
const IS_NEXT = `
  deliveries.status = 'queued' and deliveries.next_attempt_at <= now() and deliveries.position = (
    select min(position) from deliveries earlier
    where earlier.connector = deliveries.connector and earlier.customer_id = deliveries.customer_id
      and earlier.status in ('queued', 'delivering'))`;

const CLAIM = `
  with due as materialized (
    select id, kind, is_backfill, position, reason is not distinct from '${PROCESS_DIED}' as is_alone from deliveries
    where connector = $1 and ${IS_NEXT} and is_backfill <= $5
    order by is_backfill, position limit $2
    for update skip locked
  ), first as (
    select id, kind, is_alone from due order by is_backfill, position limit 1
  )
  update deliveries set status = 'delivering', claim = $3, claimed_until = now() + make_interval(secs => $4),
    tried_at = now(), updated_at = now()
  where status = 'queued' and id in (
    select due.id from due, first
    where due.id = first.id or (due.kind = first.kind and not due.is_alone and not first.is_alone))
  returning id, customer_id as "customerId", kind, content, attempts, is_unknown as "isUnknown",
    position::float8 as position`;

/** The names of connectors that have something to do: deliveries while enabled, not paused and within the cap, and erasures at any time. */
export async function findDueConnectors(manager: EntityManager): Promise<string[]> {
  const rows = await manager.query<{ name: string }[]>(DUE);
  return rows.map(({ name }) => name);
}

const DUE = `
  select name from connectors
  where enabled and coalesce(greatest(paused_until, capped_until), '-infinity') <= now() and exists (
      select from deliveries where connector = name and ${IS_NEXT}
        and is_backfill <= (coalesce(backfills_capped_until, '-infinity') <= now()))
    or exists (
      select from connector_erasures
      where connector = name and status = 'under_way' and next_attempt_at <= now())`;
