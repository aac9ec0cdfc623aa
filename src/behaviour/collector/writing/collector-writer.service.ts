import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { BehaviourRecorded } from '../../../events/behaviour/behaviour-recorded.event.js';
import { Clock } from '../../../platform/clock.js';
import { databaseFaultOf } from '../../../platform/database/database-fault.js';
import { inTransaction } from '../../../platform/database/transaction.js';
import { Facts } from '../../../platform/facts/facts.service.js';
import { UnitOfWork } from '../../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../../platform/unit-of-work/unit-of-work-writer.service.js';
import { ATTACHED_AT_ONCE, attachSome } from '../../attaching/waiting-events.js';
import { recordedBehaviourOf, type StoredEvent } from '../../stream/recorded-behaviour.js';
import type { CollectedEvent } from '../reading/collected-event.js';
import { CollectorMetrics } from './collector-metrics.service.js';
import { INSERT, KNOWN_KEYS, LOCK, MAKE_MONTHS } from './collector.queries.js';
import { Identities } from './identities.js';

/** Adds events to the stream, each message once. */
@Injectable()
export class CollectorWriter {
  constructor(
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    private readonly metrics: CollectorMetrics,
    private readonly clock: Clock,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Writes events in one transaction. If the database refuses their data, each half is written alone, down to the event
   * that is at fault.
   * @returns the events whose data the database refuses
   */
  async write(events: readonly CollectedEvent[]): Promise<readonly CollectedEvent[]> {
    try {
      const stored = await inTransaction(this.dataSource, (manager) => this.writeIn(manager, events));
      this.metrics.recordStored(events.length, stored);
      return [];
    } catch (error) {
      if (databaseFaultOf(error) !== 'data') throw error;
      if (events.length === 1) return events;
      const middle = events.length >> 1;
      const first = await this.write(events.slice(0, middle));
      return [...first, ...(await this.write(events.slice(middle)))];
    }
  }

  /** @returns the new events */
  private async writeIn(
    manager: EntityManager,
    events: readonly CollectedEvent[],
  ): Promise<readonly CollectedEvent[]> {
    await manager.query(LOCK);
    const fresh = await freshOf(manager, events, this.clock.now());
    if (fresh.length === 0) return fresh;
    await manager.query(MAKE_MONTHS, [monthsOf(fresh)]);
    const identities = await Identities.of(manager, fresh);
    const stored = await insert(manager, fresh, identities);
    const attached = await attachSome(manager, identities.newlyJoined);
    const unit = new UnitOfWork();
    if (attached.length === ATTACHED_AT_ONCE)
      for (const personId of identities.newlyJoined) unit.enqueue('attach-behaviour', { personId });
    const people = recordedBehaviourOf([...stored, ...attached], identities.userIds);
    if (people.length > 0) this.facts.emit(new BehaviourRecorded(people), unit);
    await this.writer.write(manager, [unit]);
    return fresh;
  }
}

/** The events that are not stored yet, each message once. */
async function freshOf(
  manager: EntityManager,
  events: readonly CollectedEvent[],
  now: Date,
): Promise<CollectedEvent[]> {
  const byKey = new Map<string, CollectedEvent>();
  for (const event of events) if (!byKey.has(event.messageKey)) byKey.set(event.messageKey, event);
  const known = await manager.query<{ key: string }[]>(KNOWN_KEYS, [[...byKey.keys()], now]);
  for (const { key } of known) byKey.delete(key);
  return [...byKey.values()];
}

function monthsOf(events: readonly CollectedEvent[]): string[] {
  return [...new Set(events.map(({ occurredAt }) => `${new Date(occurredAt).toISOString().slice(0, 7)}-01`))];
}

async function insert(
  manager: EntityManager,
  events: readonly CollectedEvent[],
  identities: Identities,
): Promise<StoredEvent[]> {
  const people = events.map((event) => identities.personOf(event));
  const rows = events.map((event, index) => ({
    occurred_at: new Date(event.occurredAt),
    message_key: event.messageKey,
    person_id: people[index],
    anonymous_id: people[index] === null ? event.anonymousId : null,
    type: event.type,
    name: event.name,
    properties: event.properties,
    context: event.context,
  }));
  await manager.query(INSERT, [JSON.stringify(rows)]);
  return events.map(({ name, occurredAt }, index) => ({
    personId: people[index] ?? null,
    name,
    occurredAt,
  }));
}
