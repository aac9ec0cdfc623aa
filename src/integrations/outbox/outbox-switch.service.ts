import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { providersMarkedBy } from '../../platform/marked-providers.js';
import { ConsumesOutbox, type OutboxConsumer } from './outbox-consumer.js';

/** How soon a process knows what another one switched on or off. */
const LOOK_EVERY_MS = 1000;

/** Knows which consumers of the outbox are switched on. While there are none, listeners write nothing to it. */
@Injectable()
export class OutboxSwitch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('outbox');
  private consumers = new Map<string, OutboxConsumer>();
  private wanted = new Map<string, OutboxConsumer>();
  private timer?: NodeJS.Timeout;

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

  get isOn(): boolean {
    return this.wanted.size > 0;
  }

  /** The consumers that are switched on, by name; at most a second old. */
  get current(): ReadonlyMap<string, OutboxConsumer> {
    return this.wanted;
  }

  /** Asks all consumers at once, for example after one was switched on. */
  async refresh(): Promise<void> {
    const wanted = new Map<string, OutboxConsumer>();
    for (const [name, consumer] of this.consumers) {
      if (await consumer.isWanted(this.dataSource.manager)) wanted.set(name, consumer);
    }
    this.wanted = wanted;
  }

  private async refreshSafely(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.logger.warn({ event: 'outbox consumers not read', error });
    }
  }
}
