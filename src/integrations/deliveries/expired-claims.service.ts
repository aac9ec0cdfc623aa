import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import { ConnectorRegistry } from '../connectors/connector-registry.service.js';
import { type ClaimedDelivery, PROCESS_DIED } from './claims/delivery-claims.queries.js';
import { distrustLinks } from './connector-links.queries.js';
import { endAttempts } from './delivery-recorder.service.js';
import { afterUnknown, nextStateOf } from './delivery-results.js';
import { recordAttempts } from './record-attempts.js';

/** A delivery whose claim has expired. */
interface ExpiredClaim extends Pick<ClaimedDelivery, 'id' | 'kind' | 'attempts' | 'isUnknown'> {
  claim: string;
  triedAt: Date;
  system: string;
}

/** Ends the attempts of processes that died. Their outcome is unknown. */
@Injectable()
export class ExpiredClaims {
  constructor(
    private readonly registry: ConnectorRegistry,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** An attempt counts as one with an unknown outcome, so that a delivery that kills its process comes to an end. */
  async release(): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const expired = await manager.query<ExpiredClaim[]>(EXPIRED);
      const now = new Date();
      await distrustLinks(
        manager,
        expired.map(({ id }) => id),
      );
      for (const { claim, system, triedAt, ...delivery } of expired) {
        const connector = this.registry.systems.get(system);
        // A process of the release that has the connector releases it.
        if (!connector) continue;
        const result = { result: 'unknown', code: PROCESS_DIED } as const;
        const next = nextStateOf(delivery, result, afterUnknown(connector), now);
        await endAttempts(manager, [{ ...next, id: delivery.id, foreignId: null }], claim);
        await recordAttempts(manager, [{ delivery, result }], triedAt);
      }
    });
  }
}

const EXPIRED = `
  select deliveries.id, kind, attempts, is_unknown as "isUnknown", claim, system,
    coalesce(tried_at, claimed_until) as "triedAt"
  from deliveries join connectors on name = connector
  where status = 'delivering' and claimed_until < now()
  order by claimed_until limit 1000
  for update of deliveries skip locked`;
