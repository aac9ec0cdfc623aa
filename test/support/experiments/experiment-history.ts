import { randomUUID } from 'node:crypto';
import { Random } from '../../../chaos/random.js';
import type { TestDatabase } from '../database/test-database.js';
import { type Behaviour, storeBehaviour } from '../behaviour.js';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Something that happened to a unit. */
export interface Happening {
  kind:
    | 'milestone'
    | 'reported_milestone'
    | 'behaviour'
    | 'mrr'
    | 'churn'
    | 'unsubscribe'
    | 'complaint'
    | 'bounce';
  at: Date;
  /** The movement, of `mrr`. */
  amountMinor: number;
}

/** A unit of an experiment with its whole history. */
export interface Unit {
  userId: string;
  customerId: string | null;
  isErased: boolean;
  /** 0 or 1. */
  phase: number;
  arm: number;
  assignedAt: Date;
  source: string | null;
  country: string | null;
  userAge: string;
  happenings: Happening[];
}

const KINDS: readonly Happening['kind'][] = [
  'milestone',
  'behaviour',
  'behaviour',
  'mrr',
  'mrr',
  'churn',
  'unsubscribe',
  'complaint',
  'bounce',
];

/**
 * Units that were assigned within the days before `now`, in two phases. Many of their happenings are exactly at the edges
 * of windows of `windows` days.
 */
export function aPopulation(
  count: number,
  { now, days, arms, windows }: { now: Date; days: number; arms: number; windows: readonly number[] },
): Unit[] {
  const random = new Random(5);
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)] as T;
  const edges = [0, ...windows.map((window) => window * DAY_MS)].flatMap((edge) => [
    edge - 1,
    edge,
    edge + 1,
  ]);
  const moments = () => (random.next() < 0.4 ? pick(edges) : random.below(30 * DAY_MS) - 2 * DAY_MS);
  return Array.from({ length: count }, () => {
    const age = random.next() < 0.1 ? pick(windows) * DAY_MS : random.below(days * DAY_MS);
    const assignedAt = new Date(now.getTime() - age);
    const isCustomer = random.next() < 0.9;
    const isErased = isCustomer && random.next() < 0.1;
    const kinds = isCustomer ? KINDS : (['behaviour', 'reported_milestone'] as const);
    const happenings = Array.from({ length: random.below(5) }, () => ({
      kind: pick(kinds),
      at: new Date(assignedAt.getTime() + moments()),
      amountMinor: 100 * (1 + random.below(40)),
    }));
    return {
      userId: randomUUID(),
      customerId: isCustomer ? randomUUID() : null,
      isErased,
      phase: Number(age < (days * DAY_MS) / 2),
      arm: random.below(arms),
      assignedAt,
      source: isCustomer ? pick(['google', 'partner']) : null,
      country: isCustomer ? pick(['ES', 'DE', null]) : null,
      userAge: pick(['day', 'older']),
      happenings: onceEach(happenings),
    };
  });
}

/** A milestone is reached once. */
function onceEach(happenings: readonly Happening[]): Happening[] {
  const isMilestone = ({ kind }: Happening) => kind === 'milestone' || kind === 'reported_milestone';
  const first = happenings.find(isMilestone);
  return happenings.filter((happening) => !isMilestone(happening) || happening === first);
}

/** Stores units of the phases, and what happened to them. Each has an arm of another experiment as well. */
export async function storePopulation(
  database: TestDatabase,
  units: readonly Unit[],
  phaseIds: readonly number[],
): Promise<void> {
  // The customers are left out: nothing reads them.
  await database.rows('set session_replication_role = replica');
  await storeStream(database, units);
  await database.rows(UNITS, [
    JSON.stringify(units.map((unit) => ({ ...unit, phase: phaseIds[unit.phase] }))),
  ]);
  const happened = units.flatMap(({ userId, customerId, happenings }) =>
    happenings.map((happening) => ({ ...happening, userId, customerId })),
  );
  for (const statement of STATEMENTS) await database.rows(statement, [JSON.stringify(happened)]);
  await database.rows(ERASE, [units.filter(({ isErased }) => isErased).map(({ userId }) => userId)]);
  await database.rows('set session_replication_role = origin');
}

function storeStream(database: TestDatabase, units: readonly Unit[]): Promise<void> {
  const events = units.flatMap(({ userId, happenings }) =>
    happenings.flatMap(({ kind, at }): Behaviour[] =>
      kind === 'behaviour' ? [{ userId, name: 'report_viewed', at }] : [],
    ),
  );
  const others = units.map(({ userId, assignedAt: at }) => ({ userId, name: 'something_else', at }));
  return storeBehaviour(database, [...events, ...others]);
}

const UNITS = `
  insert into experiment_units (user_id, customer_id, person_id, phase_ids, arms, assigned_at, source, country, user_age)
  select "userId", "customerId", null, array[999, phase], array[1 - arm % 2, arm],
    array["assignedAt" - interval '9 days', "assignedAt"], source, country, "userAge"
  from json_to_recordset($1::json) as unit ("userId" text, "customerId" uuid, phase integer, arm integer,
    "assignedAt" timestamptz, source text, country text, "userAge" text)`;

const ROWS = `json_to_recordset($1::json) as row ("userId" text, "customerId" uuid, kind text, at timestamptz,
  "amountMinor" bigint)`;

const auditSql = (action: string, details: string, kind: string) => `
  insert into audit_entries (id, customer_id, action, actor_type, object_type, object_id, source, details, occurred_at)
  select gen_random_uuid(), "customerId", '${action}', 'system', 'test', 'test', 'test', '${details}', at
  from ${ROWS} where kind = '${kind}'`;

const choices = (before: string, after: string) =>
  `{"before": {"notifications": {"guide": {${before}}}}, "after": {"notifications": {"guide": {${after}}}}}`;

const STATEMENTS = [
  `insert into customer_lifecycles (customer_id, stage, stage_entered_at, milestones)
   select "customerId", 'active', min(at), jsonb_build_object('welcomed', null, 'first_payment', min(at)) from ${ROWS}
   where kind = 'milestone' group by 1`,
  `insert into user_milestones (id, user_id, milestone, occurred_at, recorded_at, source)
   select gen_random_uuid(), "userId", 'first_payment', at, at, 'service_api' from ${ROWS} where kind = 'reported_milestone'`,
  `insert into mrr_movements (id, customer_id, kind, currency, amount_minor, before_minor, after_minor, occurred_at,
     recorded_at)
   select gen_random_uuid(), "customerId", 'new', currency, "amountMinor", 0, "amountMinor", at, at
   from ${ROWS} cross join (values ('eur'), ('usd')) as currencies (currency)
   where kind = 'mrr' and (currency = 'eur' or "amountMinor" % 3 = 0)`,
  `insert into lifecycle_transitions (customer_id, id, from_stage, to_stage, trigger, occurred_at)
   select "customerId", gen_random_uuid(), 'active', stage, 'subscription_changed', at from ${ROWS}
   cross join (values ('churned'), ('past_due')) as stages (stage) where kind = 'churn'`,
  auditSql('message_choices.changed', choices('"email": true', '"email": false'), 'unsubscribe'),
  auditSql('message_choices.changed', choices('"email": false', '"email": false'), 'bounce'),
  auditSql('message_choices.changed', choices('"email": false', '"email": true'), 'complaint'),
  auditSql('notification.bounced', '{"outcome": "complaint"}', 'complaint'),
  auditSql('notification.bounced', '{"outcome": "bounce"}', 'bounce'),
];

const ERASE = `
  with units as (
    update experiment_units u set user_id = gen_random_uuid()::text, person_id = p.person_id
    from people p where p.user_id = u.user_id and p.user_id = any($1)
  )
  update people set user_id = null where user_id = any($1)`;
