/**
 * What was known of a customer at a moment t0. Each relation has rows of customer_id, t0 and the columns listed here,
 * and holds nothing that happened at t0 or later, or that was recorded after t0. Features can name nothing else.
 */
export interface AsOfRelation {
  /** The columns that features may name. Times are ages: the days from an event to t0, as float8. */
  readonly columns: readonly string[];
  /** SQL of the rows for the moments \`s\`. `$1` and `$2` are the oldest and the newest t0. */
  readonly rows: string;
}

/** Features look no further back at events and payments, which bounds what is read of a long history. */
export const REACH_DAYS = 90;
/** Attempts to deliver messages are kept for 400 days only, and the training looks back 365 days. */
export const MESSAGES_REACH_DAYS = 30;

const daysSince = (time: string) => `date_part('epoch', s.t0 - ${time}) / 86400`;

/** Both clocks: it had happened, and this service knew. */
const isKnown = (table: string, occurred = 'occurred_at', recorded = 'recorded_at') =>
  `${table}.${occurred} < s.t0 and ${table}.${recorded} <= s.t0`;

const MILESTONES = [
  'welcomed',
  'portal_accessed',
  'first_login',
  'activated',
  'trial_started',
  'first_payment',
] as const;

/** The times of the milestones, each read once. */
const MILESTONE_COLUMNS = MILESTONES.map((name) => `${name} timestamptz`).join(', ');

/** The days since a milestone; null if it was not known to be reached. Rows of earlier releases have one clock only. */
const milestone = (name: string) => `
  case when reached.${name} < s.t0 and coalesce(noted.${name}, reached.${name}) <= s.t0
    then ${daysSince(`reached.${name}`)} end`;

export const AS_OF_RELATIONS = {
  /**
   * One row. What a customer brought with it is read from the recorded fact of its creation: the fields of the customer
   * itself are those of the present, and some of them change when it pays.
   */
  customer: {
    columns: [
      'age_days',
      'user_age_days',
      'source',
      'has_campaign',
      'country',
      'language',
      'currency',
      ...MILESTONES.map((name) => `${name}_days`),
    ],
    rows: `
      select s.customer_id, s.t0, ${daysSince('coalesce(c.stripe_created_at, c.created_at)')} as age_days,
        ${daysSince(`(e.properties -> 'user' ->> 'createdAt')::timestamptz`)} as user_age_days,
        e.source, (e.properties ->> 'campaign') is not null as has_campaign,
        lower(e.properties ->> 'country') as country, lower(e.properties ->> 'currency') as currency,
        lower(split_part(split_part(e.properties ->> 'locale', '-', 1), '_', 1)) as language,
        ${MILESTONES.map((name) => `${milestone(name)} as ${name}_days`).join(', ')}
      from s join customers c on c.id = s.customer_id
      left join customer_lifecycles l on l.customer_id = s.customer_id
      left join lateral jsonb_to_record(l.milestones) as reached (${MILESTONE_COLUMNS}) on true
      left join lateral jsonb_to_record(l.milestones_recorded) as noted (${MILESTONE_COLUMNS}) on true
      left join analytics_events e on e.customer_id = s.customer_id and e.name = 'customer_created'
        and ${isKnown('e')}`,
  },
  /** What the user did in the last 90 days (`is_own`), and facts of this service about it. An event with only an anonymous id became known when the id did. */
  events: {
    columns: ['is_own', 'type', 'name', 'days_ago'],
    rows: `
      select s.customer_id, s.t0, e.type <> 'fact' as is_own, e.type, e.name, ${daysSince('e.occurred_at')} as days_ago
      from s join customers c on c.id = s.customer_id join people p on p.user_id = c.user_id
      join behaviour_events e on e.person_id = p.person_id
      where ${isKnown('e')} and e.occurred_at >= s.t0 - interval '${REACH_DAYS} days'
        and e.occurred_at >= $1::timestamptz - interval '${REACH_DAYS} days' and e.occurred_at < $2::timestamptz
        and (e.anonymous_id is null or exists (
          select from anonymous_ids a where a.anonymous_id = e.anonymous_id and a.recorded_at <= s.t0))`,
  },
  stages: {
    columns: ['stage', 'days_ago'],
    rows: `
      select s.customer_id, s.t0, t.to_stage as stage, ${daysSince('t.occurred_at')} as days_ago
      from s join lifecycle_transitions t on t.customer_id = s.customer_id
      where ${isKnown('t')}`,
  },
  /** Movements of the revenue. Their sum is the revenue at t0. */
  revenue: {
    columns: ['kind', 'amount', 'days_ago'],
    rows: `
      select s.customer_id, s.t0, m.kind, m.amount_minor::float8 / 100 as amount, ${daysSince('m.occurred_at')} as days_ago
      from s join mrr_movements m on m.customer_id = s.customer_id
      where ${isKnown('m')}`,
  },
  /** Attempts to deliver messages. */
  messages: {
    columns: ['outcome', 'days_ago'],
    rows: `
      select s.customer_id, s.t0, a.outcome, ${daysSince('a.attempted_at')} as days_ago
      from s join notifications n on n.customer_id = s.customer_id
      join notification_attempts a on a.notification_id = n.id
      where ${isKnown('a', 'attempted_at', 'attempted_at')} and a.attempted_at >= s.t0 - interval '${MESSAGES_REACH_DAYS} days'`,
  },
  /** Changes that the customer made to the messages it wants. */
  choices: {
    columns: ['days_ago'],
    rows: `
      select s.customer_id, s.t0, ${daysSince('a.occurred_at')} as days_ago
      from s join audit_entries a on a.customer_id = s.customer_id
      where a.action = 'message_choices.changed' and ${isKnown('a', 'occurred_at', 'occurred_at')}`,
  },
  disputes: {
    columns: ['days_ago'],
    rows: `
      select s.customer_id, s.t0, ${daysSince('d.created_at')} as days_ago
      from s join disputes d on d.customer_id = s.customer_id
      where ${isKnown('d', 'created_at', 'created_at')}`,
  },
} as const satisfies Record<string, AsOfRelation>;

export type AsOfName = keyof typeof AS_OF_RELATIONS;
