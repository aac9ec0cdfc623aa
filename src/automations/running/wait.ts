import type { Window } from '../../segments/rules/rule.js';
import { lengthOf } from '../../segments/rules/verdict.js';
import type { WaitStep } from '../definitions/definition.js';
import { type NextState, stepEnded, stopped } from './next-state.js';

/** When a wait that begins now ends at the latest. */
export function beginWait(wait: WaitStep['wait'], now: Date): Date {
  return after('until' in wait ? wait.timeout : wait, now);
}

/** The time of a wait has passed. */
export function endWait(wait: WaitStep['wait'], run: { step: number }, now: Date): NextState {
  if (!('until' in wait)) return stepEnded(run, now, { outcome: 'waited' });
  const result = { outcome: 'timed_out' } as const;
  return wait.onTimeout === 'stop'
    ? { ...stopped(run, 'timed_out'), ...result }
    : stepEnded(run, now, result);
}

export function after(window: Window, now: Date): Date {
  return new Date(now.getTime() + lengthOf(window));
}
