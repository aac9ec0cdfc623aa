import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { databaseFaultOf } from '../platform/database/database-fault.js';
import { INTAKE } from '../platform/database/database-options.js';
import { withConnection } from '../platform/database/pg-client.js';
import { againAfterConflict } from '../platform/database/transaction.js';
import { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../platform/unit-of-work/unit-of-work-writer.service.js';
import { BatchClaims } from './decision/batch-claims.js';
import type { Decision, InterpretedEvent } from './decision/event-decision.js';
import {
  answerDecided,
  answerRedelivered,
  type Refusal,
  type WebhookAnswer,
} from './decision/event-outcome.js';
import { KnownStateReader } from './decision/known-state-reader.service.js';
import { type EventPlan, EventPlanner } from './event-planner.service.js';
import { EventTrace } from './event-trace.service.js';
import type { ReceivedEvent } from './intake/received-event.js';

/** How an event ended: decided and committed, or not accepted (nothing of it is stored). */
export type EventResult = Committed | { committed: false; error: unknown };

export interface Committed {
  committed: true;
  outcome: Decision['outcome'];
  /** Why nothing came of it. */
  code: string | null;
  answer: WebhookAnswer;
}

/** What is to be written for some events, and the events that must see its effect first. */
export interface DecidedRound {
  results: { event: InterpretedEvent; result: EventResult; unit: UnitOfWork }[];
  deferred: InterpretedEvent[];
}

/** The file to read first: turns a batch of verified events into committed decisions. */
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
   * Decides about all events of a batch and commits, normally in one transaction. Never throws: each
   * event gets its result. A poison event harms only itself; events that depend on an earlier one of
   * the same batch follow in a transaction of their own.
   */
  async process(batch: readonly ReceivedEvent[]): Promise<EventResult[]> {
    const results = new Map<InterpretedEvent, EventResult>();
    const events = batch.map((received) => this.planner.interpret(received));
    let waiting: readonly InterpretedEvent[] = events;
    while (waiting.length > 0) waiting = await this.processRound(waiting, results);
    return events.map((event) => results.get(event) as EventResult);
  }

  /** Applies an object that was fetched again; the decision about the event stays as it was. */
  async refresh(received: ReceivedEvent): Promise<void> {
    const event = this.planner.interpret(received);
    await againAfterConflict(() =>
      withConnection(this.dataSource, async (manager) => {
        const known = await this.reader.read(manager, [event]);
        await this.writer.commit(manager, [await this.planner.planRefresh(event, known)]);
      }),
    );
  }

  /**
   * Reads what is known, decides, and writes in one transaction.
   * @param refusal decided already about all of the events
   * @returns the events that must see its outcome first
   */
  private async processRound(
    events: readonly InterpretedEvent[],
    results: Map<InterpretedEvent, EventResult>,
    refusal?: Refusal,
  ): Promise<readonly InterpretedEvent[]> {
    try {
      const startedAt = performance.now();
      const round = await againAfterConflict(() =>
        withConnection(this.dataSource, (manager) => this.decideAndCommit(manager, events, refusal)),
      );
      this.trace.step('committed', events, performance.now() - startedAt);
      for (const { event, result } of round.results) results.set(event, result);
      return round.deferred;
    } catch (error) {
      if (refusal || databaseFaultOf(error) !== 'data') {
        this.logger.error({ event: 'batch not committed', events: events.length, error });
        for (const event of events) results.set(event, { committed: false, error });
      } else if (events.length > 1) {
        for (const event of events) await this.processRound([event], results);
      } else {
        const stripeEventId = events[0]?.received.stripeEventId;
        this.logger.error({ event: 'event unprocessable', stripeEventId, error });
        await this.processRound(events, results, UNPROCESSABLE);
      }
      return [];
    }
  }

  private async decideAndCommit(
    manager: EntityManager,
    events: readonly InterpretedEvent[],
    refusal?: Refusal,
  ): Promise<DecidedRound> {
    const round = await this.decide(manager, events, refusal);
    const writtenAt = performance.now();
    await this.writer.commit(
      manager,
      round.results.map(({ unit }) => unit),
    );
    this.trace.step('written', events, performance.now() - writtenAt);
    return round;
  }

  /**
   * Reads what is known and decides; writes nothing. For whoever has a transaction of his own.
   * @param refusal decided already about all of the events
   */
  async decide(
    manager: EntityManager,
    events: readonly InterpretedEvent[],
    refusal?: Refusal,
  ): Promise<DecidedRound> {
    const readAt = performance.now();
    const known = await this.reader.read(manager, events);
    this.trace.step('known state read', events, performance.now() - readAt);
    const claims = new BatchClaims();
    const results: DecidedRound['results'] = [];
    const deferred: InterpretedEvent[] = [];
    for (const event of events) {
      if (claims.isTaken(event)) {
        deferred.push(event);
        continue;
      }
      const plannedAt = performance.now();
      try {
        const plan = await this.planner.plan(event, known, refusal);
        if (plan.decision.outcome !== 'redelivered') claims.take(event);
        results.push({ event, result: toResult(plan), unit: plan.unit });
        this.trace.step('decided', [event], performance.now() - plannedAt, () => describePlan(plan));
      } catch (error) {
        this.logger.error({ event: 'listener failed', stripeEventId: event.received.stripeEventId, error });
        results.push({ event, result: { committed: false, error }, unit: new UnitOfWork() });
      }
    }
    return { results, deferred };
  }
}

/** PostgreSQL refuses what the event holds, and always will: kept as rejected, so that somebody sees it. */
export const UNPROCESSABLE: Refusal = {
  code: 'unprocessable',
  message: 'Invalid customer data: Not storable',
};

/** For the trace: which rows and jobs the listeners added. */
function describePlan({ decision, unit }: EventPlan): object {
  const rows = unit.rows.map(({ entity }) => entity.name);
  return { outcome: decision.outcome, rows, jobs: unit.jobs.map(({ task }) => task) };
}

function toResult({ decision, unit }: EventPlan): EventResult {
  const { outcome } = decision;
  if (outcome === 'redelivered') {
    const { first } = decision;
    return { committed: true, outcome, code: null, answer: answerRedelivered(first.outcome, first.refusal) };
  }
  const notifications = unit.jobs.filter(({ task }) => task === 'deliver-notification');
  const queued = outcome === 'created' ? notifications.length : 0;
  const answer = answerDecided(outcome, decision.refusal, unit.changes, queued);
  return { committed: true, outcome, code: decision.refusal?.code ?? null, answer };
}
