/**
 * Frequent values, chosen at the training. A value of fewer than 20 customers is not named: it could identify one. Erased
 * customers do not count.
 */
export interface Vocabulary {
  source: string[];
  country: string[];
  language: string[];
  currency: string[];
  /** Names of events. */
  event: string[];
}

/** One value of each kind, to check the features. */
export const ANY_VALUES: Vocabulary = {
  source: ['value'],
  country: ['value'],
  language: ['value'],
  currency: ['value'],
  event: ['value'],
};

const FEWEST_CUSTOMERS = 20;
const VALUES_MAX = { source: 8, country: 6, language: 4, currency: 3, event: 10 } as const;

const CREATED = `
  from analytics_events join customers on customers.id = customer_id and erased_at is null
  where analytics_events.name = 'customer_created' and recorded_at >= $1::timestamptz
    and customer_id = any($3::uuid[])`;

const top = (value: string, max: number) => `(
  select coalesce(json_agg(value), '[]') from (
    select ${value} as value ${CREATED} group by 1 having ${value} <> '' and count(*) >= ${FEWEST_CUSTOMERS}
    order by count(*) desc, 1 limit ${max}
  ) as values)`;

/** The names with the most events. */
const TOP_EVENTS = `(
  select coalesce(json_agg(name), '[]') from (
    select e.name
    from customers c join people p on p.user_id = c.user_id join behaviour_events e on e.person_id = p.person_id
    where c.id = any($3::uuid[]) and c.erased_at is null and e.type <> 'fact'
      and e.occurred_at >= $1::timestamptz and e.occurred_at >= $2::timestamptz - interval '90 days'
    group by 1 having count(distinct p.person_id) >= ${FEWEST_CUSTOMERS}
    order by count(*) desc, 1 limit ${VALUES_MAX.event}
  ) as names)`;

/** SQL of the vocabulary as JSON. `$1` is the beginning of the history, `$2` the present, `$3` are the ids of the customers it is of. */
export const FIND_VOCABULARY = `
  select json_build_object(
    'source', ${top('source', VALUES_MAX.source)},
    'country', ${top(`lower(properties ->> 'country')`, VALUES_MAX.country)},
    'language', ${top(`lower(split_part(split_part(properties ->> 'locale', '-', 1), '_', 1))`, VALUES_MAX.language)},
    'currency', ${top(`lower(properties ->> 'currency')`, VALUES_MAX.currency)},
    'event', ${TOP_EVENTS}
  ) as vocabulary`;
