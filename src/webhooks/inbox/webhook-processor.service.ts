import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { databaseFaultOf } from '../../platform/database/database-fault.js';
import { INTAKE } from '../../platform/database/database-options.js';
import { withConnection } from '../../platform/database/pg-client.js';
import { againAfterConflict } from '../../platform/database/transaction.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import type { InterpretedEvent } from '../decision/event-decision.js';
import type { Refusal } from '../stripe/event-outcome.js';
import type { ReceivedEvent } from '../stripe/received-event.js';
import { customerLocksOf, lockCustomers } from './customer-locks.js';
import { EventPlanner, type PlannedRound } from './event-planner.service.js';
import type { EventResult } from './event-result.js';
import { EventTrace } from './event-trace.service.js';
import { isolateRefused } from './isolate-refused.js';
import { KnownStateReader } from './known-state-reader.service.js';

/** The progress of a batch. */
interface Progress {
  results: Map<InterpretedEvent, EventResult>;
  /** Events of the next round, because they must see the effect of an earlier event. */
  deferred: InterpretedEvent[];
}

/** Turns a batch of verified events into committed decisions. Read this file first. */
@Injectable()
export class WebhookProcessor {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly reader: KnownStateReader,
    private readonly planner: EventPlanner,
    private readonly writer: UnitOfWorkWriter,
    private readonly trace: EventTrace,
    @InjectDataSource(INTAKE) private readonly dataSource: DataSource,
  ) {}

  /**
   * Decides about all events of a batch and commits, normally in one transaction. Never throws: each event
   * gets its result. An event that fails does not fail the others. Events that depend on an earlier one of
   * the batch follow in the next transaction.
   */
  async process(batch: readonly ReceivedEvent[]): Promise<EventResult[]> {
    const events = batch.map((received) => this.planner.interpret(received));
    const progress: Progress = { results: new Map(), deferred: [] };
    const attempt = (some: readonly InterpretedEvent[], refusal?: Refusal) =>
      this.processRound(some, progress, refusal);
    let round: readonly InterpretedEvent[] = events;
    while (round.length > 0) {
      progress.deferred = [];
      await isolateRefused(round, attempt);
      round = progress.deferred;
    }
    return events.map((event) => progress.results.get(event) as EventResult);
  }

  /**
   * Reads the known state, decides, and writes, in one transaction.
   * @param refusal decides about all of the events instead of their content
   * @throws if PostgreSQL refuses the data of an event and no refusal is given
   */
  private async processRound(
    events: readonly InterpretedEvent[],
    progress: Progress,
    refusal?: Refusal,
  ): Promise<void> {
    try {
      const startedAt = performance.now();
      const round = await againAfterConflict((attempt) =>
        attempt === 1 ? this.decideAndCommit(events, refusal) : this.decideUnderLocks(events, refusal),
      );
      this.trace.step('committed', events, performance.now() - startedAt);
      for (const { event, result } of round.results) progress.results.set(event, result);
      progress.deferred = round.deferred;
    } catch (error) {
      if (!refusal && databaseFaultOf(error) === 'data') throw error;
      this.logger.error({ event: 'batch not committed', events: events.length, error });
      for (const event of events) progress.results.set(event, { committed: false, error });
    }
  }

  /** Reads, decides, and writes in a transaction of one round trip, which fails if what was read has changed. */
  private decideAndCommit(events: readonly InterpretedEvent[], refusal?: Refusal): Promise<PlannedRound> {
    const locks = customerLocksOf(events);
    return withConnection(this.dataSource, (manager) =>
      this.decide(manager, events, refusal, (units) =>
        this.writer.commit(manager, units, locks ? [locks] : []),
      ),
    );
  }

  /** Locks first, so that nothing changes between reading and writing. It takes more round trips. */
  private decideUnderLocks(events: readonly InterpretedEvent[], refusal?: Refusal): Promise<PlannedRound> {
    return this.dataSource.transaction(async (manager) => {
      await lockCustomers(manager, events);
      return this.decide(manager, events, refusal, (units) => this.writer.write(manager, units));
    });
  }

  private async decide(
    manager: EntityManager,
    events: readonly InterpretedEvent[],
    refusal: Refusal | undefined,
    write: (units: UnitOfWork[]) => Promise<void>,
  ): Promise<PlannedRound> {
    const readAt = performance.now();
    const known = await this.reader.read(manager, events);
    this.trace.step('known state read', events, performance.now() - readAt);
    const round = this.planner.planRound(events, known, refusal);
    const writtenAt = performance.now();
    await write(round.results.map(({ unit }) => unit));
    this.trace.step('written', events, performance.now() - writtenAt);
    return round;
  }
}
