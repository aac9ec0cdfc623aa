import { Injectable, Logger } from '@nestjs/common';
import { OutboundFault } from '../../platform/outbound/outbound-http.service.js';
import { SecretUnreadable } from '../../platform/secrets/secret-box.js';
import {
  BatchRefused,
  type Connector,
  type ConnectorSession,
  ReadFailed,
  type Unsettled,
} from '../connectors/connector.js';
import { AccountUncertain, ConnectorAccounts } from '../connectors/connector-accounts.service.js';
import type { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { ConnectorRegistry } from '../connectors/connector-registry.service.js';
import { asRead, unsettledByFault } from '../connectors/http-results.js';
import { type Mask, maskOf } from '../masking/mask.js';
import { sendInBatches } from './batch-sender.js';
import type { ClaimedDelivery } from './claims/delivery-claims.queries.js';
import { DeliveryClaims } from './claims/delivery-claims.service.js';
import { type Attempted, DeliveryRecorder } from './delivery-recorder.service.js';
import { afterUnknown, type BatchFault, type DeliveryResult, faultShownBy } from './delivery-results.js';
import { DeliveryPreparer, type PreparedDelivery } from './delivery-preparer.service.js';
import { readBeforeSending } from './read-before-sending.js';

type Result = [id: string, result: DeliveryResult];

/** Delivers to systems at least once: what may not be repeated is searched first, or held. */
@Injectable()
export class DeliveryEngine {
  private readonly logger = new Logger('connectors');

  constructor(
    private readonly registry: ConnectorRegistry,
    private readonly accounts: ConnectorAccounts,
    private readonly preparer: DeliveryPreparer,
    private readonly recorder: DeliveryRecorder,
    private readonly claims: DeliveryClaims,
  ) {}

  /** Makes an attempt for the next deliveries to a connector. @returns how many; 0 if there is nothing to do now */
  async deliverNext(name: string): Promise<number> {
    const instance = await this.claims.findUsable(name);
    if (!instance) return 0;
    const connector = this.registry.get(instance.system);
    const session = await this.open(connector, instance);
    if (!session) return 0;
    const isProbe = instance.pausedUntil !== null;
    const limit = isProbe && !isAllRefused(instance) ? 1 : connector.describe().batch.rows;
    const claim = await this.claims.claim(instance, limit);
    const { deliveries } = claim;
    if (deliveries.length === 0) return 0;
    const attempted = await this.attempt(connector, instance, deliveries, session);
    await this.recorder.record(instance, claim, attempted, afterUnknown(connector));
    return deliveries.length;
  }

  /** Null if the connector cannot be used now; then it has a fault. */
  private async open(connector: Connector, instance: ConnectorInstance): Promise<ConnectorSession | null> {
    try {
      return await this.accounts.open(connector, instance, this.claims.answersUntil());
    } catch (error) {
      const fault = faultBecause(error);
      this.logger.warn({
        event: 'connector not usable',
        connector: instance.name,
        reason: fault.reason,
        error,
      });
      await this.recorder.recordUnusable(instance, fault);
      return null;
    }
  }

  private async attempt(
    connector: Connector,
    instance: ConnectorInstance,
    deliveries: readonly ClaimedDelivery[],
    session: ConnectorSession,
  ): Promise<Attempted[]> {
    const prepared = await this.preparer.prepare(connector, instance, deliveries);
    const results = new Map<string, DeliveryResult>();
    const toSend = deliveries.flatMap((delivery) => {
      const one = prepared.get(delivery.id);
      if (one && 'row' in one) return [{ delivery, prepared: one }];
      results.set(delivery.id, one ?? { result: 'cancelled', code: 'person_erased' });
      return [];
    });
    const rows = toSend.map(({ prepared: { row } }) => row);
    const mask = maskOf(connector, session, rows);
    const isRefusing = (code: string) => instance.fault === `${ALL_REFUSED} ${code}`;
    for (const [id, result] of await this.send(connector, toSend, session, isRefusing))
      results.set(id, masked(result, mask));
    return deliveries.map((delivery) => {
      const one = prepared.get(delivery.id);
      const result = results.get(delivery.id) as DeliveryResult;
      return { delivery, result, prepared: one && 'row' in one ? one : null };
    });
  }

  private async send(
    connector: Connector,
    toSend: readonly { delivery: ClaimedDelivery; prepared: PreparedDelivery }[],
    session: ConnectorSession,
    isRefusing: (code: string) => boolean,
  ): Promise<Result[]> {
    try {
      const { rows, known } = await readBeforeSending(connector, toSend, session, isRefusing);
      const sent = rows.map(({ row }) => row);
      const results = await sendInBatches(connector, sent, session, isRefusing);
      return [...known, ...sent.map((row, at): Result => [row.deliveryId, results[at] as DeliveryResult])];
    } catch (error) {
      // Only reads fail here: nothing was written.
      const result = unusableBecause(error);
      if (result.code === 'connector_error') this.logger.error({ event: 'connector failed', error });
      return toSend.map(({ delivery }): Result => [delivery.id, result]);
    }
  }
}

/** A result as it is stored: what a system answers may repeat what it was sent. */
function masked(result: DeliveryResult, mask: Mask): DeliveryResult {
  if (!('code' in result)) return result;
  const shown = { ...result, code: mask(result.code) };
  return 'detail' in shown && shown.detail ? { ...shown, detail: mask(shown.detail) } : shown;
}

const ALL_REFUSED = 'all_refused';

type Unusable = Unsettled | { result: typeof ALL_REFUSED; code: string };

/** After a pause one row tests the connector; all that are due test one that refused all rows, because one may be bad. */
function isAllRefused({ fault }: ConnectorInstance): boolean {
  return fault?.startsWith(`${ALL_REFUSED} `) ?? false;
}

function faultBecause(error: unknown): BatchFault {
  if (error instanceof AccountUncertain) return { fault: error.fault, reason: error.reason, until: null };
  return faultShownBy([unusableBecause(error)]) as BatchFault;
}

/** Why nothing can be written, after an error of the session or of a read. */
function unusableBecause(error: unknown): Unusable {
  if (error instanceof SecretUnreadable) return { result: 'auth', code: 'secret_unreadable' };
  if (error instanceof BatchRefused) return { result: ALL_REFUSED, code: error.code };
  if (error instanceof OutboundFault) return asRead(unsettledByFault(error));
  if (error instanceof ReadFailed) return asRead(error.result);
  return { result: 'retry', code: 'connector_error' };
}
