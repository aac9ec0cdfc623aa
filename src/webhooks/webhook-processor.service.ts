import { Injectable, Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { CustomerCreated } from '../events/customer-created.event.js';
import { AppConfig } from '../platform/config/app-config.js';
import { databaseFaultOf } from '../platform/database/database-fault.js';
import { INTAKE } from '../platform/database/database-options.js';
import { pgClientOf } from '../platform/database/pg-client.js';
import { inTransaction } from '../platform/database/transaction.js';
import { UnitOfWork } from '../platform/database/unit-of-work.js';
import { UnitOfWorkWriter } from '../platform/database/unit-of-work-writer.service.js';
import { BatchClaims } from './decision/batch-claims.js';
import {
  decideOutcome,
  type Decision,
  interpretEvent,
  type InterpretedEvent,
  type KnownState,
} from './decision/event-decision.js';
import {
  answerCreated,
  answerRedelivered,
  answerUnchanged,
  type WebhookAnswer,
} from './decision/event-outcome.js';
import { originOf, toInboxRow } from './inbox-row.js';
import { readKnownState } from './decision/known-state.queries.js';
import { nextRetryAt } from './pending-schedule.js';
import type { ReceivedEvent } from './intake/received-event.js';
import { updatePending } from './webhook-event.queries.js';
import { UsersSource } from '../customers/users/users-source.service.js';
import { WebhookEvent } from './webhook-event.entity.js';

/** How an event ended: decided and committed, or not accepted (nothing of it is stored). */
export type EventResult =
  | { committed: true; outcome: Decision['outcome']; code: string | null; answer: WebhookAnswer }
  | { committed: false; error: unknown };

/** An event's decision with the unit of work that carries it out. */
interface Plan {
  decision: Decision;
  unit: UnitOfWork;
  /** The new decision about an event that was waiting for its user: its inbox row exists already. */
  redecided: WebhookEvent | null;
}

/** The file to read first: turns a batch of verified events into committed decisions. */
@Injectable()
export class WebhookProcessor {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly config: AppConfig,
    private readonly users: UsersSource,
    private readonly emitter: EventEmitter2,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource(INTAKE) private readonly dataSource: DataSource,
  ) {}

  /**
   * Decides about all events of a batch and commits, normally in one transaction. Never throws: each
   * event gets its result. A poison event harms only itself; events that depend on an earlier one of
   * the same batch follow in a transaction of their own.
   */
  async process(batch: readonly ReceivedEvent[]): Promise<EventResult[]> {
    const results = new Map<InterpretedEvent, EventResult>();
    const events = batch.map(interpretEvent);
    let waiting: readonly InterpretedEvent[] = events;
    while (waiting.length > 0) waiting = await this.processRound(waiting, results);
    return events.map((event) => results.get(event) as EventResult);
  }

  /** One transaction. @returns the events that must see its outcome first */
  private async processRound(
    events: readonly InterpretedEvent[],
    results: Map<InterpretedEvent, EventResult>,
  ) {
    try {
      const round = await inTransaction(this.dataSource, (manager) => this.decideAndWrite(manager, events));
      for (const { event, result } of round.results) results.set(event, result);
      return round.deferred;
    } catch (error) {
      if (databaseFaultOf(error) !== 'data') {
        this.logger.error({ event: 'batch not committed', events: events.length, error });
        for (const event of events) results.set(event, { committed: false, error });
      } else if (events.length === 1) {
        for (const event of events) results.set(event, await this.rejectUnprocessable(event, error));
      } else {
        for (const event of events) await this.processRound([event], results);
      }
      return [];
    }
  }

  private async decideAndWrite(manager: EntityManager, events: readonly InterpretedEvent[]) {
    const client = await pgClientOf(manager);
    const known = await readKnownState(client, events, this.users, this.config.database.preparedStatements);
    const claims = new BatchClaims();
    const results: { event: InterpretedEvent; result: EventResult }[] = [];
    const deferred: InterpretedEvent[] = [];
    const plans: Plan[] = [];
    for (const event of events) {
      if (claims.isTaken(event)) {
        deferred.push(event);
        continue;
      }
      try {
        const plan = await this.plan(event, known);
        if (plan.decision.outcome !== 'redelivered') claims.take(event);
        plans.push(plan);
        results.push({ event, result: toResult(plan) });
      } catch (error) {
        this.logger.error({ event: 'listener failed', stripeEventId: event.received.stripeEventId, error });
        results.push({ event, result: { committed: false, error } });
      }
    }
    await this.write(manager, plans);
    return { results, deferred };
  }

  /** Fills the event's unit of work: its inbox row, and for a new customer what all modules add. */
  private async plan(event: InterpretedEvent, known: KnownState): Promise<Plan> {
    const decision = decideOutcome(event, known, this.config.stripe.livemode);
    const unit = new UnitOfWork();
    if (decision.outcome === 'redelivered') return { decision, unit, redecided: null };
    const row = toInboxRow(event, decision);
    if (decision.outcome === 'created') {
      row.customerId = uuidv7();
      const { customer, user, notifiedKinds } = decision;
      const fact = new CustomerCreated(
        row.customerId,
        customer,
        user,
        originOf(event.received),
        notifiedKinds,
      );
      await this.emitter.emitAsync(CustomerCreated.eventName, fact, unit);
    }
    if (known.events.has(row.stripeEventId)) {
      return { decision, unit, redecided: decision.outcome === 'pending_user' ? null : row };
    }
    if (decision.outcome === 'pending_user') {
      const userId = decision.mingusUserId;
      const runAt = nextRetryAt(event.received.receivedAt, event.received.receivedAt) ?? undefined;
      unit.enqueue('resolve-pending-events', { userId }, { runAt, key: `pending-user:${userId}` });
    }
    unit.insert(WebhookEvent, row);
    return { decision, unit, redecided: null };
  }

  private async write(manager: EntityManager, plans: readonly Plan[]): Promise<void> {
    const redecided = plans.flatMap((plan) => plan.redecided ?? []);
    if (redecided.length > 0) await updatePending(manager, redecided);
    await this.writer.write(
      manager,
      plans.map((plan) => plan.unit),
    );
  }

  /** PostgreSQL refuses what the event holds, and always will: kept as rejected, so that somebody sees it. */
  private async rejectUnprocessable(event: InterpretedEvent, cause: unknown): Promise<EventResult> {
    this.logger.error({
      event: 'event unprocessable',
      stripeEventId: event.received.stripeEventId,
      error: cause,
    });
    const refusal = { code: 'unprocessable', message: 'Invalid customer data: Not storable' };
    const decision: Decision = { outcome: 'rejected', refusal };
    const row = toInboxRow(event, decision);
    try {
      await inTransaction(this.dataSource, async (manager) => {
        if (await updatePending(manager, [row])) return;
        const unit = new UnitOfWork();
        unit.insert(WebhookEvent, row);
        await this.writer.write(manager, [unit]);
      });
      return toResult({ decision, unit: new UnitOfWork(), redecided: null });
    } catch (error) {
      return { committed: false, error };
    }
  }
}

function toResult({ decision, unit }: Plan): EventResult {
  const code = 'refusal' in decision ? decision.refusal.code : null;
  return { committed: true, outcome: decision.outcome, code, answer: toAnswer(decision, unit) };
}

function toAnswer(decision: Decision, unit: UnitOfWork): WebhookAnswer {
  if (decision.outcome === 'redelivered')
    return answerRedelivered(decision.first.outcome, decision.first.refusal);
  if (decision.outcome !== 'created') {
    return answerUnchanged(decision.outcome, 'refusal' in decision ? decision.refusal : null);
  }
  const notifications = unit.jobs.filter((job) => job.task === 'deliver-notification');
  return answerCreated(unit.changes, notifications.length);
}
