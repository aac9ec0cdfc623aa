import { DiscoveryService } from '@nestjs/core';
import type { EntityManager } from 'typeorm';
import type { OutboxEntry } from './outbox-entry.entity.js';

/**
 * Takes the facts of the outbox: per customer in their order, each at least once. A consumer that only writes to the
 * database takes each once.
 */
export interface OutboxConsumer {
  /** Whether something is switched on that needs facts. While no consumer needs any, none are written. */
  isWanted(manager: EntityManager): Promise<boolean>;

  /**
   * Takes some rows of one partition, in the transaction that moves the consumer's position. If it throws, the same rows
   * are given again.
   */
  consume(entries: readonly OutboxEntry[], manager: EntityManager): Promise<void>;
}

/** Marks a consumer with the name under which its position is stored: `@ConsumesOutbox('connectors')`. */
export const ConsumesOutbox = DiscoveryService.createDecorator<string>();
