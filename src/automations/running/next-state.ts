import type { AutomationRun } from './automation-run.entity.js';
import type { AutomationStep } from './automation-step.entity.js';

type At = Pick<AutomationRun, 'step'>;

/** What came of a step. */
export type StepResult = Pick<AutomationStep, 'outcome'> & { effectId?: string | null };

/** Where a run stands after it was looked at; with an outcome if its step has ended. */
export interface NextState
  extends Pick<AutomationRun, 'state' | 'reason' | 'step' | 'dueAt' | 'waitsUntil'>, Partial<StepResult> {}

export function stepEnded({ step }: At, now: Date, result: StepResult): NextState {
  return { state: 'running', reason: null, step: step + 1, dueAt: now, waitsUntil: null, ...result };
}

export function ended({ step }: At): NextState {
  return { state: 'done', reason: null, step, dueAt: null, waitsUntil: null };
}

export function stopped({ step }: At, reason: string): NextState {
  return { state: 'stopped', reason, step, dueAt: null, waitsUntil: null };
}

export function failed({ step }: At, reason: string): NextState {
  return { state: 'failed', reason, step, dueAt: null, waitsUntil: null };
}
