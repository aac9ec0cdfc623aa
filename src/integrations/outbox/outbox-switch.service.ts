import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { providersMarkedBy } from '../../platform/marked-providers.js';
import { ConsumesOutbox, type OutboxConsumer } from './outbox-consumer.js';

const LOOK_EVERY_MS = 1000;

/** A process that has not looked for this time writes facts down only if the database has a consumer of them. */
const KNOWN_FOR_MS = 1500;

/** After this time each process writes facts down for a consumer. The rest is for transactions that are under way. */
const KNOWN_AFTER_MS = 2000;

/** Knows which consumers of the outbox are switched on. While there are none, listeners write nothing to it. */
@Injectable()
export class OutboxSwitch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('outbox');
  private consumers = new Map<string, OutboxConsumer>();
  private wanted = new Map<string, OutboxConsumer>();
  private timer?: NodeJS.Timeout;
  /** When the present answer was asked for. */
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly discovery: DiscoveryService,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws if two consumers have one name */
  async onApplicationBootstrap(): Promise<void> {
    this.consumers = providersMarkedBy(this.discovery, ConsumesOutbox, 'outbox consumer');
    await this.refresh();
    this.timer = setInterval(() => void this.refreshSafely(), LOOK_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Whether facts are to be written down. A process that has not looked lately leaves that to the database. */
  get isOn(): boolean {
    return this.wanted.size > 0 || performance.now() - this.lookedAt > KNOWN_FOR_MS;
  }

  /** Resolves when each process writes facts down for a consumer: two seconds after `startReading`. */
  async untilKnown(consumer: string): Promise<void> {
    const [row] = await this.dataSource.query<{ waitMs: number | null }[]>(KNOWN_IN, [
      consumer,
      KNOWN_AFTER_MS / 1000,
    ]);
    if (row?.waitMs) await sleep(row.waitMs);
  }

  /** The consumers that are switched on, by name; about a second old. */
  get current(): ReadonlyMap<string, OutboxConsumer> {
    return this.wanted;
  }

  /** Asks all consumers at once, for example after one was switched on. */
  async refresh(): Promise<void> {
    const wanted = new Map<string, OutboxConsumer>();
    const lookedAt = performance.now();
    for (const [name, consumer] of this.consumers) {
      if (await consumer.isWanted(this.dataSource.manager)) wanted.set(name, consumer);
    }
    if (lookedAt < this.lookedAt) return;
    this.wanted = wanted;
    this.lookedAt = lookedAt;
  }

  private async refreshSafely(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.logger.warn({ event: 'outbox consumers not read', error });
    }
  }
}

const KNOWN_IN = `
  select greatest(0, 1000 * extract(epoch from max(started_at) + make_interval(secs => $2) - clock_timestamp()))::float8
    as "waitMs"
  from outbox_positions where consumer = $1`;
