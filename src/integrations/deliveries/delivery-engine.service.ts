import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OutboundFault } from '../../platform/outbound/outbound-http.service.js';
import { SecretUnreadable } from '../../platform/secrets/secret-box.js';
import type { Connector, ConnectorSession } from '../connectors/connector.js';
import { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { ConnectorRegistry } from '../connectors/connector-registry.service.js';
import { ConnectorSessions } from '../connectors/connector-sessions.service.js';
import { unsettledByFault } from '../connectors/http-results.js';
import { sendInBatches } from './batch-sender.js';
import { returnTurn, takeTurn } from './connector-breaker.js';
import { CLAIM_MS, claimNext, type ClaimedDelivery } from './delivery-claims.queries.js';
import { type Attempted, DeliveryRecorder } from './delivery-recorder.service.js';
import { afterUnknown, type DeliveryResult } from './delivery-results.js';
import { DeliveryPreparer, type PreparedDelivery } from './delivery-preparer.service.js';

/** Within this time before the end of a claim no request is begun. */
const MARGIN_MS = 65_000;

/** Delivers to systems at least once: what may not be repeated is searched first, or held. */
@Injectable()
export class DeliveryEngine {
  private readonly logger = new Logger('connectors');

  constructor(
    private readonly registry: ConnectorRegistry,
    private readonly sessions: ConnectorSessions,
    private readonly preparer: DeliveryPreparer,
    private readonly recorder: DeliveryRecorder,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Makes an attempt for the next deliveries to a connector. @returns how many; 0 if there is nothing to do now */
  async deliverNext(name: string): Promise<number> {
    const { manager } = this.dataSource;
    const instance = await manager.findOneBy(ConnectorInstance, { name });
    if (!instance?.enabled || (instance.pausedUntil && instance.pausedUntil > new Date())) return 0;
    const isProbe = instance.pausedUntil !== null;
    if (isProbe && !(await takeTurn(manager, name))) return 0;
    const connector = this.registry.get(instance.system);
    const deadline = Date.now() + CLAIM_MS - MARGIN_MS;
    const claim = await claimNext(manager, name, isProbe ? 1 : connector.describe().batch.rows);
    const { deliveries } = claim;
    if (deliveries.length === 0) {
      if (isProbe) await returnTurn(manager, name);
      return 0;
    }
    const attempted = await this.attempt(connector, instance, deliveries, deadline);
    await this.recorder.record(instance, claim, attempted, afterUnknown(connector));
    return deliveries.length;
  }

  private async attempt(
    connector: Connector,
    instance: ConnectorInstance,
    deliveries: readonly ClaimedDelivery[],
    deadline: number,
  ): Promise<Attempted[]> {
    const prepared = await this.preparer.prepare(connector, instance, deliveries);
    const results = new Map<string, DeliveryResult>();
    const toSend = deliveries.flatMap((delivery) => {
      const one = prepared.get(delivery.id);
      if (one && 'row' in one) return [{ delivery, prepared: one }];
      results.set(delivery.id, one ?? { result: 'cancelled', code: 'person_erased' });
      return [];
    });
    const session = this.open(connector, instance);
    for (const [id, result] of await this.send(connector, toSend, session, deadline)) results.set(id, result);
    return deliveries.map((delivery) => {
      const one = prepared.get(delivery.id);
      const result = results.get(delivery.id) as DeliveryResult;
      return { delivery, result, prepared: one && 'row' in one ? one : null };
    });
  }

  private open(connector: Connector, instance: ConnectorInstance): ConnectorSession | null {
    try {
      return this.sessions.open(connector, instance);
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error;
      this.logger.error({ event: 'secret not readable', connector: instance.name, error });
      return null;
    }
  }

  /** @param session null if a secret cannot be read */
  private async send(
    connector: Connector,
    toSend: readonly { delivery: ClaimedDelivery; prepared: PreparedDelivery }[],
    session: ConnectorSession | null,
    deadline: number,
  ): Promise<[string, DeliveryResult][]> {
    const ids = toSend.map(({ delivery }) => delivery.id);
    const forAll = (result: DeliveryResult) => ids.map((id): [string, DeliveryResult] => [id, result]);
    if (!session) return forAll({ result: 'auth', code: 'secret_unreadable' });
    try {
      const known: [string, DeliveryResult][] = [];
      const rows: PreparedDelivery[] = [];
      for (const { delivery, prepared } of toSend) {
        const result = await findEarlier(connector, delivery, prepared, session);
        if (result) known.push([delivery.id, result]);
        else rows.push(prepared);
      }
      await readBack(connector, rows, session);
      const sent = rows.map(({ row }) => row);
      const results = await sendInBatches(connector, sent, session, deadline);
      return [
        ...known,
        ...sent.map((row, at): [string, DeliveryResult] => [row.deliveryId, results[at] as DeliveryResult]),
      ];
    } catch (error) {
      // Only reads fail here: nothing was written.
      if (!(error instanceof OutboundFault)) {
        this.logger.error({ event: 'connector failed', error });
        return forAll({ result: 'retry', code: 'connector_error' });
      }
      const result = unsettledByFault(error);
      return forAll(result.result === 'unknown' ? { result: 'retry', code: result.code } : result);
    }
  }
}

/** Looks for what an earlier attempt created whose outcome is unknown. Null if the row is to be sent. */
async function findEarlier(
  connector: Connector,
  { kind, isUnknown }: ClaimedDelivery,
  { row }: PreparedDelivery,
  session: ConnectorSession,
): Promise<DeliveryResult | null> {
  if (!isUnknown || afterUnknown(connector).isRepeatable(kind)) return null;
  if (!connector.search) return { result: 'held', code: 'unknown_outcome' };
  const foreignId = await connector.search(row, session);
  return foreignId === null ? null : { result: 'accepted', foreignId };
}

/** Reads the present fields where the mapping depends on them. */
async function readBack(
  connector: Connector,
  prepared: PreparedDelivery[],
  session: ConnectorSession,
): Promise<void> {
  const dependent = prepared.filter(({ needsCurrent }) => needsCurrent);
  if (!connector.readBack || dependent.length === 0) return;
  const rows = dependent.map(({ row }) => row);
  const current = await connector.readBack(rows, session);
  for (const [at, one] of dependent.entries())
    one.row = { ...one.row, fields: one.fieldsWith(current[at] ?? null) };
}
