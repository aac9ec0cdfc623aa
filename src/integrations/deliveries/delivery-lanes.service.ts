import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Rounds } from '../../platform/process/rounds.js';
import { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { ConnectorRegistry } from '../connectors/connector-registry.service.js';
import { ConnectorErasures } from '../erasures/connector-erasures.service.js';
import { findDueConnectors } from './claims/delivery-claims.queries.js';
import { DeliveryEngine } from './delivery-engine.service.js';
import { ExpiredClaims } from './expired-claims.service.js';

const EVERY_MS = 250;
/** How often dead processes are looked for. */
const RELEASE_EVERY_MS = 10_000;

/**
 * Runs the deliveries of each connector in lanes of its own, outside of the job engine: a system that does not answer
 * holds up neither other connectors nor mails. Processes with the role `worker` look four times a second.
 */
@Injectable()
export class DeliveryLanes {
  private readonly logger = new Logger('connectors');
  private readonly rounds = new Rounds(
    () => this.look(),
    EVERY_MS,
    (error) => this.logger.error({ event: 'deliveries not found', error }),
  );
  private releasedAt = 0;
  private isStopping = false;
  /** The lanes that run now, by connector. */
  private readonly running = new Map<string, Set<Promise<void>>>();

  constructor(
    private readonly engine: DeliveryEngine,
    private readonly expired: ExpiredClaims,
    private readonly erasures: ConnectorErasures,
    private readonly registry: ConnectorRegistry,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Called once the application is up. */
  start(): void {
    this.rounds.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await this.rounds.stop();
    await Promise.all([...this.running.values()].flatMap((lanes) => [...lanes]));
  }

  /** Delivers all that is due, and returns when nothing is left to do now. */
  async run(): Promise<void> {
    await this.look();
    while (this.running.size > 0) {
      await Promise.all([...this.running.values()].flatMap((lanes) => [...lanes]));
      await this.look();
    }
  }

  /** Opens lanes for connectors with something to do. */
  private async look(): Promise<void> {
    const { manager } = this.dataSource;
    if (Date.now() - this.releasedAt > RELEASE_EVERY_MS) {
      this.releasedAt = Date.now();
      await this.expired.release();
    }
    for (const name of await findDueConnectors(manager)) {
      const instance = await manager.findOneBy(ConnectorInstance, { name });
      const connector = this.registry.systems.get(instance?.system ?? '');
      // A connector of a later release waits for a process of that release.
      if (connector) this.open(name, connector.describe().rate.concurrency);
    }
  }

  private open(name: string, concurrency: number): void {
    const lanes = this.running.get(name) ?? new Set();
    this.running.set(name, lanes);
    while (lanes.size < concurrency) {
      const lane = this.runLane(name).finally(() => {
        lanes.delete(lane);
        if (lanes.size === 0) this.running.delete(name);
      });
      lanes.add(lane);
    }
  }

  private async runLane(name: string): Promise<void> {
    try {
      let done = 1;
      while (done > 0 && !this.isStopping)
        done = (await this.engine.deliverNext(name)) + (await this.erasures.eraseNext(name));
    } catch (error) {
      this.logger.error({ event: 'lane failed', connector: name, error });
    }
  }
}
