import type { DataSource, EntityManager } from 'typeorm';
import { inTransaction } from '../../../platform/database/transaction.js';
import { countMore, recentCounts, subjectOf } from '../../../platform/rate-limits/request-counts.queries.js';
import type { ConnectorInstance } from '../../connectors/connector-instance.entity.js';
import { type Claim, type ClaimLimits, claimNext } from './delivery-claims.queries.js';

type Capped = Pick<ConnectorInstance, 'name' | 'maxPerDay'>;

/** The attempts of today, by connector with a cap. */
export async function attemptsToday(
  manager: EntityManager,
  connectors: readonly string[],
): Promise<Map<string, number>> {
  const counts = await recentCounts(manager, connectors.map(countedAs));
  const midnight = new Date().setUTCHours(0, 0, 0, 0);
  const today = counts.filter(({ hour }) => hour.getTime() >= midnight);
  const sumOf = (subject: string) =>
    today.filter((row) => row.subject === subject).reduce((sum, { count }) => sum + count, 0);
  return new Map(connectors.map((name) => [name, sumOf(countedAs(name))]));
}

/** Under which the attempts of a connector with a cap are counted. */
function countedAs(connector: string): string {
  return subjectOf(`connector ${connector}`);
}

/** Backfills leave the rest of a day to what happens then. */
const PART_OF_BACKFILLS = 0.8;

/**
 * Claims the next deliveries to a connector, as many as its cap allows today, and backfills while there is room in their
 * part of it. What is under way counts. With a cap, claims are made one at a time in all processes, so that it is never
 * exceeded.
 */
export function claimWithinCap(
  dataSource: DataSource,
  { name, maxPerDay }: Capped,
  limits: ClaimLimits,
): Promise<Claim> {
  if (maxPerDay === null) return claimNext(dataSource.manager, name, limits);
  return inTransaction(dataSource, async (manager) => {
    await manager.query('select from connectors where name = $1 for update', [name]);
    const [used] = await manager.query<[{ counted: number; underWay: number }]>(USED, [
      name,
      countedAs(name),
    ]);
    if (used.counted >= maxPerDay) await manager.query(HOLD, [name]);
    const forBackfills = Math.max(1, Math.floor(maxPerDay * PART_OF_BACKFILLS));
    if (used.counted >= forBackfills) await manager.query(HOLD_BACKFILLS, [name]);
    const taken = used.counted + used.underWay;
    if (taken >= maxPerDay) return NOTHING;
    const within = (rows: number) => ({ ...limits, rows: Math.min(limits.rows, rows) });
    if (taken >= forBackfills) return claimNext(manager, name, within(maxPerDay - taken), false);
    return claimNext(manager, name, within(forBackfills - taken));
  });
}

/** Counts attempts, in the transaction that ends them. */
export async function countTowardsCap(
  manager: EntityManager,
  { name, maxPerDay }: Capped,
  attempts: number,
): Promise<void> {
  if (maxPerDay !== null && attempts > 0) await countMore(manager, countedAs(name), attempts);
}

const NOTHING: Claim = { token: '', claimedAt: new Date(0), deliveries: [] };

/** A day begins at midnight in UTC. */
const TODAY = `date_trunc('day', now(), 'UTC')`;

const USED = `
  select (
    select coalesce(sum(count), 0)::integer from request_counts where subject = $2 and hour >= ${TODAY}) as counted, (
    select count(*)::integer from deliveries where connector = $1 and status = 'delivering') as "underWay"`;

const HOLD_BACKFILLS = `
  update connectors set backfills_capped_until = ${TODAY} + interval '1 day' where name = $1`;

const HOLD = `update connectors set capped_until = ${TODAY} + interval '1 day' where name = $1`;
