import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import type { Decision } from '../decision/event-decision.js';
import { answerDecided, answerRedelivered, type WebhookAnswer } from '../stripe/event-outcome.js';

/** An event's decision with the unit of work that carries it out. */
export interface EventPlan {
  decision: Decision;
  unit: UnitOfWork;
}

/** The result of an event: decided and committed, or not accepted and not stored. */
export type EventResult = Committed | { committed: false; error: unknown };

export interface Committed {
  committed: true;
  outcome: Decision['outcome'];
  /** Why the event had no effect. */
  code: string | null;
  answer: WebhookAnswer;
}

/** The result of a plan once it is committed. */
export function toResult({ decision, unit }: EventPlan): Committed {
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
