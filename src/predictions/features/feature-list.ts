import type { Feature } from './feature.js';
import type { Vocabulary } from './vocabulary.js';

type Declared = Omit<Feature, 'of'>;

const flag = (name: string, words: string, sql: string): Declared => ({
  name,
  words,
  sql: `bool_or(${sql})::int`,
});

const count = (name: string, words: string, condition: string): Declared => ({
  name,
  words,
  sql: `count(*) filter (where ${condition})`,
  otherwise: 0,
});

/** What the customer brought with it, and its milestones. */
const OF_CUSTOMER: readonly Declared[] = [
  { name: 'age_days', words: 'age of the customer in days', sql: 'max(age_days)' },
  { name: 'user_age_days', words: 'age of the user in days', sql: 'max(user_age_days)' },
  flag('campaign', 'came by a campaign', 'has_campaign'),
  flag('welcomed', 'was welcomed', 'welcomed_days is not null'),
  flag('portal_accessed', 'has opened the billing portal', 'portal_accessed_days is not null'),
  flag('first_login', 'has logged in', 'first_login_days is not null'),
  flag('activated', 'has activated', 'activated_days is not null'),
  flag('trial_started', 'has started a trial', 'trial_started_days is not null'),
  { name: 'trial_age_days', words: 'days since the trial began', sql: 'max(trial_started_days)' },
  flag('paid', 'has paid', 'first_payment_days is not null'),
  { name: 'paid_days', words: 'days since the first payment', sql: 'max(first_payment_days)' },
];

/** One bit for each day: counting different values would sort the rows of each customer. */
const activeDays = (days: number): Declared => ({
  name: `active_days_${days}d`,
  words: `active days of the last ${days}`,
  sql: `bit_count(bit_or(1 << floor(days_ago)::int) filter (where is_own and days_ago < ${days})::bit(32))`,
  otherwise: 0,
});

const OF_EVENTS: readonly Declared[] = [
  count('events_1d', 'events in the last day', 'is_own and days_ago <= 1'),
  count('events_7d', 'events in the last 7 days', 'is_own and days_ago <= 7'),
  count('events_8_14d', 'events 8 to 14 days ago', 'is_own and days_ago > 7 and days_ago <= 14'),
  count('events_30d', 'events in the last 30 days', 'is_own and days_ago <= 30'),
  count('pages_7d', 'pages seen in the last 7 days', `type = 'page' and days_ago <= 7`),
  activeDays(7),
  activeDays(30),
  {
    name: 'idle_days',
    words: 'days since the last event, at most 90',
    sql: 'coalesce(min(days_ago) filter (where is_own), 90)',
    otherwise: 90,
  },
  count(
    'portal_visits_30d',
    'visits to the billing portal in the last 30 days',
    `name = 'portal_accessed' and type = 'fact' and days_ago <= 30`,
  ),
  count(
    'failed_payments_90d',
    'failed payments in the last 90 days',
    `name = 'payment_failed' and type = 'fact'`,
  ),
];

/** The present stage is the youngest one. To sort the stages of each customer would take longer. */
const isIn = (name: string, words: string): Declared => ({
  name,
  words,
  sql: `coalesce(min(days_ago) filter (where stage = '${name}') = min(days_ago), false)::int`,
});

const OF_STAGES: readonly Declared[] = [
  isIn('trialing', 'is in a trial'),
  isIn('past_due', 'is past due'),
  isIn('at_risk', 'is at risk'),
  { name: 'stage_days', words: 'days in the present stage', sql: 'min(days_ago)' },
  count('stage_changes_90d', 'changes of stage in the last 90 days', 'days_ago <= 90'),
  count('churned_before', 'earlier departures', `stage = 'churned'`),
];

const OF_REVENUE: readonly Declared[] = [
  { name: 'mrr', words: 'monthly recurring revenue', sql: 'sum(amount)', otherwise: 0 },
  { name: 'subscribed_days', words: 'days since the first subscription', sql: 'max(days_ago)' },
  count('expansions', 'expansions of the revenue', `kind = 'expansion'`),
  count(
    'contractions_90d',
    'contractions of the revenue in the last 90 days',
    `kind = 'contraction' and days_ago <= 90`,
  ),
];

const OF_MESSAGES: readonly Declared[] = [
  count('messages_30d', 'messages in the last 30 days', `outcome = 'accepted'`),
  count('messages_failed_30d', 'messages refused in the last 30 days', `outcome = 'refused'`),
];

const OF_OTHERS: readonly Feature[] = [
  { ...count('choices_changed', 'changes of message preferences', 'days_ago is not null'), of: 'choices' },
  { ...count('disputes', 'disputes', 'days_ago is not null'), of: 'disputes' },
];

const from = (of: Feature['of'], declared: readonly Declared[]): Feature[] =>
  declared.map((feature) => ({ ...feature, of }));

/** All features, in a fixed order. Those of the vocabulary are one for each value; another value is none of them. */
export function featuresFor(vocabulary: Vocabulary): Feature[] {
  const fields = (['source', 'country', 'language', 'currency'] as const).flatMap((field) =>
    vocabulary[field].map((value) => ({
      name: `${field}=${value}`,
      words: `${field} is ${value}`,
      of: 'customer' as const,
      sql: `bool_or(${field} is not null and ${field} = :value)::int`,
      value,
    })),
  );
  const events = vocabulary.event.map((value) => ({
    ...count(`event:${value}`, `${value} in the last 30 days`, 'days_ago <= 30 and is_own and name = :value'),
    of: 'events' as const,
    value,
  }));
  return [
    ...from('customer', OF_CUSTOMER),
    ...fields,
    ...from('events', OF_EVENTS),
    ...events,
    ...from('stages', OF_STAGES),
    ...from('revenue', OF_REVENUE),
    ...from('messages', OF_MESSAGES),
    ...OF_OTHERS,
  ];
}
