import type { Evaluation } from '../../segments/rules/evaluate-rule.js';
import type { Window } from '../../segments/rules/rule.js';
import { lengthOf } from '../../segments/rules/verdict.js';
import type { WaitUntil } from '../definitions/definition.js';
import type { AutomationRun } from './automation-run.entity.js';
import { type NextState, stepEnded, stopped } from './next-state.js';

type WaitingRun = Pick<AutomationRun, 'state' | 'step' | 'waitsUntil'>;

/** Facts about the customer wake a run that waits for a rule. What people do and scores are no such facts. */
const LOOK_EVERY_MS = 10 * 60_000;

/** A wait of a fixed length. The run is due at its begin and at its end. */
export function waitFor(length: Window, { state, step }: WaitingRun, now: Date): NextState {
  if (state === 'waiting') return stepEnded({ step }, now, { outcome: 'waited' });
  return { state: 'waiting', reason: null, step, waitsUntil: null, dueAt: after(length, now) };
}

/** A wait until a rule is true, looked at now. */
export function waitUntil(
  { timeout, onTimeout }: WaitUntil,
  { isTrue, flipsAt }: Evaluation,
  run: WaitingRun,
  now: Date,
): NextState {
  if (isTrue) return stepEnded(run, now, { outcome: 'came_true' });
  const waitsUntil = run.waitsUntil ?? after(timeout, now);
  if (waitsUntil <= now) {
    const result = { outcome: 'timed_out' } as const;
    return onTimeout === 'stop' ? { ...stopped(run, 'timed_out'), ...result } : stepEnded(run, now, result);
  }
  const times = [waitsUntil.getTime(), now.getTime() + LOOK_EVERY_MS];
  if (flipsAt) times.push(Math.max(flipsAt.getTime(), now.getTime() + 1));
  return { state: 'waiting', reason: null, step: run.step, waitsUntil, dueAt: new Date(Math.min(...times)) };
}

export function after(window: Window, now: Date): Date {
  return new Date(now.getTime() + lengthOf(window));
}
