import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { databaseFaultOf } from '../../../platform/database/database-fault.js';
import { UnitOfWorkWriter } from '../../../platform/unit-of-work/unit-of-work-writer.service.js';
import type { InterpretedEvent } from '../../decision/event-decision.js';
import type { EventOutcome, Refusal } from '../../decision/event-outcome.js';
import { EventPlanner } from '../../event-planner.service.js';
import type { ReceivedEvent } from '../../intake/received-event.js';
import { type EventResult, UNPROCESSABLE, WebhookProcessor } from '../../webhook-processor.service.js';
import { type Found, NO_CUSTOMER } from './drift-detector.service.js';
import { isOurOwn } from './listed-customer.js';
import type { FindingResult } from '../reconciliation-finding.entity.js';

/** `singly`: each event where a failure of it undoes nothing else, for when PostgreSQL refuses one of them. */
export type RepairMode = 'report' | 'together' | 'singly';

/** What became of something found. */
export interface Settled {
  found: Found;
  /** Null: there was nothing to it after all; somebody else was faster. */
  result: FindingResult | null;
  reason: string | null;
  outcome: EventOutcome | null;
}

/** Makes differences good by the way that all events take. */
@Injectable()
export class DriftRepairer {
  constructor(
    private readonly planner: EventPlanner,
    private readonly processor: WebhookProcessor,
    private readonly writer: UnitOfWorkWriter,
  ) {}

  /** Writes through the transaction of the manager; with `report`, nothing. */
  async repair(manager: EntityManager, all: readonly Found[], mode: RepairMode): Promise<Settled[]> {
    const events = all.flatMap(({ received }) => (received ? this.planner.interpret(received) : []));
    const results =
      mode === 'singly' ? await this.decideSingly(manager, events) : await this.decide(manager, events, mode);
    return all.map((found) => toSettled(found, found.received && results.get(found.received), mode));
  }

  /** Events that depend on an earlier one follow in a round of their own, as they do in webhooks. */
  private async decide(
    manager: EntityManager,
    events: readonly InterpretedEvent[],
    mode: RepairMode,
    refusal?: Refusal,
  ): Promise<Map<ReceivedEvent, EventResult>> {
    const decided = new Map<ReceivedEvent, EventResult>();
    let waiting = events;
    while (waiting.length > 0) {
      const { results, deferred } = await this.processor.decide(manager, waiting, refusal);
      const units = results.map(({ unit }) => unit);
      if (mode !== 'report') await this.writer.write(manager, units);
      for (const { event, result } of results) decided.set(event.received, result);
      waiting = deferred;
    }
    return decided;
  }

  private async decideSingly(
    manager: EntityManager,
    events: readonly InterpretedEvent[],
  ): Promise<Map<ReceivedEvent, EventResult>> {
    const decided = new Map<ReceivedEvent, EventResult>();
    for (const event of events) {
      const attempt = (refusal?: Refusal) =>
        manager.transaction((inner) => this.decide(inner, [event], 'singly', refusal));
      const results = await attempt().catch((error: unknown) => {
        if (databaseFaultOf(error) !== 'data') throw error;
        return attempt(UNPROCESSABLE);
      });
      for (const [received, result] of results) decided.set(received, result);
    }
    return decided;
  }
}

function toSettled(found: Found, result: EventResult | null | undefined, mode: RepairMode): Settled {
  if (!found.received) {
    const isReported = found.kind === 'extra';
    return { found, result: isReported ? 'reported' : 'failed', reason: found.reason, outcome: null };
  }
  if (!result?.committed) return { found, result: 'failed', reason: 'listener_failed', outcome: null };
  const { outcome, code: reason } = result;
  if (outcome === 'redelivered') return { found, result: null, reason: null, outcome: null };
  if (NO_CUSTOMER.has(outcome)) return { found, result: 'unmatched', reason, outcome };
  const isNews = !isOurOwn(found.received) || (outcome !== 'stale' && outcome !== 'duplicate');
  const success = mode === 'report' ? 'reported' : 'repaired';
  return { found, result: isNews ? success : null, reason: null, outcome };
}
