import { ROWS_OF_A_CUSTOMER } from '../../test/support/database/stored-rows.js';

/** What a process does, as the wires between it and the world show it. */
export type Step =
  | 'begin'
  | `insert ${string}`
  | 'add jobs'
  | 'commit'
  | 'answer'
  | 'claim'
  | 'DATA'
  | '250'
  | 'mark'
  | 'mark commit'
  | 'job done';

/** `before`: the step never reaches the other side; `after`: it takes effect, but nobody hears of it. */
export type Moment = 'before' | 'after';

/** Where a process is stopped for good. */
export interface FaultPoint {
  step: Step;
  moment: Moment;
}

export type Role = 'api' | 'worker';

/** The tables that a new customer adds rows to, in one batch with one answer. */
const TABLES = Object.keys(ROWS_OF_A_CUSTOMER).filter((name) => !name.startsWith('job '));

const STEPS: Record<Role, readonly Step[]> = {
  api: ['begin', ...TABLES.map((table) => `insert ${table}` as const), 'add jobs', 'commit', 'answer'],
  worker: ['claim', 'DATA', '250', 'mark', 'mark commit', 'job done'],
};

/** Nothing can be told apart after DATA: what follows it is the message, and then `before 250`. */
const IS_NO_POINT = ({ step, moment }: FaultPoint) => step === 'DATA' && moment === 'after';

/** Every named point of a role. */
export const FAULT_POINTS: Record<Role, readonly FaultPoint[]> = {
  api: pointsOf('api'),
  worker: pointsOf('worker'),
};

/** The name of a point, for people. */
export function nameOf({ step, moment }: FaultPoint): string {
  return `${moment} ${step}`;
}

function pointsOf(role: Role): FaultPoint[] {
  return STEPS[role]
    .flatMap((step) => [
      { step, moment: 'before' as const },
      { step, moment: 'after' as const },
    ])
    .filter((point) => !IS_NO_POINT(point));
}
