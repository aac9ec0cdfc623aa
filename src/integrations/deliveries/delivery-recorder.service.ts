import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import { DataSource, type EntityManager } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import { spread } from '../../platform/delivery/delivery-schedule.js';
import { counter } from '../../platform/metrics/metrics.js';
import type { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { recordFault, recordSuccess } from './connector-breaker.js';
import { countTowardsCap } from './claims/daily-cap.js';
import type { Claim, ClaimedDelivery } from './claims/delivery-claims.queries.js';
import { returnTurn } from './claims/probe-turns.queries.js';
import { distrustLinks, type WrittenLink, writeLinks } from './connector-links.queries.js';
import {
  type AfterUnknown,
  type BatchFault,
  type DeliveryResult,
  faultShownBy,
  type NextState,
  nextStateOf,
} from './delivery-results.js';
import type { PreparedDelivery } from './delivery-preparer.service.js';
import { recordAttempts, shortened } from './record-attempts.js';

/** While all is well, the time of the last success is written this often. */
const SUCCESS_EVERY_MS = 10_000;

/** A delivery after its attempt. */
export interface Attempted {
  delivery: ClaimedDelivery;
  result: DeliveryResult;
  /** Null if nothing was to be sent. */
  prepared: PreparedDelivery | null;
}

/** What a delivery is after its attempt. */
export interface EndedAttempt extends NextState {
  id: string;
  foreignId: string | null;
}

/** Records attempts and their consequences: the deliveries, the ids in the system, and the circuit of the connector. */
@Injectable()
export class DeliveryRecorder {
  private readonly logger = new Logger('connectors');
  private readonly attempts;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    registry: Registry,
  ) {
    this.attempts = counter(registry, 'connector_deliveries_total');
  }

  async record(
    instance: ConnectorInstance,
    { token, claimedAt }: Claim,
    attempted: readonly Attempted[],
    policy: AfterUnknown,
  ): Promise<void> {
    const { name } = instance;
    await inTransaction(this.dataSource, async (manager) => {
      const pausedUntil = await this.recordState(manager, instance, attempted);
      const now = new Date();
      const rows = attempted.map(({ delivery, result }) => {
        const next = nextStateOf(delivery, result, policy, now);
        const isLater = pausedUntil !== null && next.status === 'queued' && next.nextAttemptAt < pausedUntil;
        const nextAttemptAt = isLater ? spread(pausedUntil) : next.nextAttemptAt;
        const detail = shortened(next.detail);
        const foreignId = createdBy(delivery, result);
        return { ...next, nextAttemptAt, detail, foreignId, id: delivery.id };
      });
      await endAttempts(manager, rows, token);
      await recordAttempts(manager, attempted, claimedAt);
      await countTowardsCap(manager, instance, attempted.filter(({ prepared }) => prepared !== null).length);
      await writeLinks(
        manager,
        attempted.flatMap((one) => linkOf(name, one)),
      );
      await distrustLinks(
        manager,
        attempted.filter(isInDoubt).map(({ delivery }) => delivery.id),
      );
    });
    this.report(name, attempted);
  }

  /** Records that a connector cannot be used, so that nothing was claimed. */
  async recordUnusable({ name }: ConnectorInstance, fault: BatchFault): Promise<void> {
    await inTransaction(this.dataSource, (manager) => recordFault(manager, name, fault, false));
  }

  private async recordState(
    manager: EntityManager,
    { name, failures, lastSuccessAt, pausedUntil }: ConnectorInstance,
    attempted: readonly Attempted[],
  ): Promise<Date | null> {
    const shown = faultShownBy(attempted.map(({ result }) => result));
    if (shown === null) {
      if (pausedUntil) await returnTurn(manager, name);
      return null;
    }
    if (shown !== 'works') {
      const isRepeated =
        shown.fault === 'unreachable' && attempted.every(({ delivery }) => delivery.attempts > 0);
      return recordFault(manager, name, shown, isRepeated);
    }
    const isRecent = lastSuccessAt !== null && Date.now() - lastSuccessAt.getTime() < SUCCESS_EVERY_MS;
    if (failures > 0 || !isRecent) await recordSuccess(manager, name);
    return null;
  }

  private report(connector: string, attempted: readonly Attempted[]): void {
    const counts: Record<string, number> = {};
    for (const { result } of attempted) counts[result.result] = (counts[result.result] ?? 0) + 1;
    for (const [result, count] of Object.entries(counts)) this.attempts.inc({ connector, result }, count);
    this.logger.log({ event: 'deliveries attempted', connector, ...counts });
  }
}

function linkOf(connector: string, { delivery, result, prepared }: Attempted): WrittenLink[] {
  if (delivery.kind !== 'upsertPerson' || !prepared) return [];
  if (result.result !== 'accepted' && result.result !== 'unchanged') return [];
  const { customerId } = delivery;
  const { fieldsDigest } = prepared;
  return [{ connector, customerId, foreignId: result.foreignId ?? null, fieldsDigest, at: new Date() }];
}

/** Whether the system may have taken some of the fields. */
function isInDoubt({ delivery, result, prepared }: Attempted): boolean {
  return delivery.kind === 'upsertPerson' && prepared !== null && result.result !== 'accepted';
}

/** The id of a ticket or a task. That of a person is in its link. */
function createdBy({ kind }: ClaimedDelivery, result: DeliveryResult): string | null {
  if (kind === 'upsertPerson' || !('foreignId' in result)) return null;
  return result.foreignId ?? null;
}

/** Records the ends of attempts. An attempt that another one has taken over changes nothing. */
export async function endAttempts(
  manager: EntityManager,
  rows: readonly EndedAttempt[],
  token: string,
): Promise<void> {
  await manager.query(END_ATTEMPTS, [JSON.stringify(rows), token]);
}

/** What the system answered about a person may name the person, so it is not kept after an erasure. */
const END_ATTEMPTS = `
  update deliveries set status = next.status, attempts = next.attempts, next_attempt_at = next."nextAttemptAt",
    reason = next.reason, is_unknown = next."isUnknown", claim = null, claimed_until = null, updated_at = now(),
    foreign_id = coalesce(next."foreignId", foreign_id), ended_at = case when next.status <> 'queued' then now() end,
    detail = case when next.detail is not null and not exists (
      select from connector_erasures erasure
      where erasure.connector = deliveries.connector and erasure.customer_id = deliveries.customer_id)
      then next.detail end
  from json_to_recordset($1::json) as next (id uuid, status text, attempts integer, "nextAttemptAt" timestamptz,
    reason text, detail text, "isUnknown" boolean, "foreignId" text)
  where deliveries.id = next.id and claim = $2 and deliveries.status = 'delivering'`;
