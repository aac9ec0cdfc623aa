import { ROWS_OF_A_CUSTOMER } from '../../test/support/database/stored-rows.js';

/** A step of a process, as seen on its connections. */
export type Step =
  | 'begin'
  | `insert ${string}`
  | `update ${string}`
  | 'add jobs'
  | 'commit'
  | 'answer'
  | 'claim'
  | 'claim deliveries'
  | 'DATA'
  | '250'
  | 'mark'
  | 'mark commit'
  | 'job done';

/**
 * `before`: the step never reaches the other side. `after`: it takes effect, but the process gets no answer.
 */
export type Moment = 'before' | 'after';

/** The point at which a process is killed. */
export interface FaultPoint {
  step: Step;
  moment: Moment;
}

export type Role = 'api' | 'worker';

/** The tables that a new customer adds rows to, in one batch with one answer. */
const TABLES = Object.keys(ROWS_OF_A_CUSTOMER).filter((name) => !name.startsWith('job '));

/** The steps that only some events have. */
const FURTHER_STEPS: readonly Step[] = [
  'insert subscriptions',
  'insert invoices',
  'insert disputes',
  'insert customer_revenues',
  'insert mrr_movements',
  'insert customer_segments',
  'update subscriptions',
  'update customer_revenues',
  'update customer_segments',
];

const STEPS: Record<Role, readonly Step[]> = {
  api: [
    'begin',
    ...TABLES.map((table) => `insert ${table}` as const),
    ...FURTHER_STEPS,
    'add jobs',
    'commit',
    'answer',
  ],
  worker: [
    'claim',
    'DATA',
    '250',
    'mark',
    'mark commit',
    'job done',
    'update segment_members',
    'insert automation_steps',
    'update automation_runs',
    'update outbox_positions',
    'claim deliveries',
    'update deliveries',
    'insert delivery_attempts',
  ],
};

/** After DATA only the message follows, so this point would be the same as `before 250`. */
const IS_NO_POINT = ({ step, moment }: FaultPoint) => step === 'DATA' && moment === 'after';

/** All named points of a role. */
export const FAULT_POINTS: Record<Role, readonly FaultPoint[]> = {
  api: pointsOf('api'),
  worker: pointsOf('worker'),
};

/** The name of a point in reports. */
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
