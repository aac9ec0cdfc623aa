import { IS_ERASED } from '../sql/event-conditions.js';
import type { AttributionDto } from '../definitions/attribution.dto.js';
import type { Moments, QuestionContext } from '../sql/question-context.js';
import type { AttributedSourceDto } from './attribution-result.dto.js';

/** The credit of a source in millionths of a customer. */
export interface SourceCredits {
  origin: AttributedSourceDto['origin'];
  source: string | null;
  first: number;
  last: number;
  linear: number;
}

/** As they are stored: the touches of erased persons are not known any more. */
export interface StoredCredits extends Omit<SourceCredits, 'origin'> {
  origin: SourceCredits['origin'] | 'erased';
  /** More than one for `other` only. */
  sources: number;
}

/** The credits of all sources. Those of each model add up to 1,000,000 for each customer. */
export function sumCredits(
  { lookbackDays }: AttributionDto,
  { from, to }: Moments,
  { manager, asOf }: QuestionContext,
): Promise<StoredCredits[]> {
  return manager.query(CREDITS, [from, to, asOf, lookbackDays]);
}

/** The host of an address, without a login. */
const HOST = String.raw`'(?i)^https?://(?:[^/?#\\]*@)?([^/?#:@\\]+)'`;
const REFERRER = `coalesce(
  substring(context #>> '{page,referrer}' from ${HOST}), substring(context #>> '{referrer,url}' from ${HOST}),
  substring(context #>> '{referrer,link}' from ${HOST}), substring(context ->> 'referrer' from ${HOST}))`;

/** Two hundred characters have at most so many when they are percent-encoded. */
const ENCODED_LENGTH_MAX = 2400;

/** The campaign, else the utm_source of the page's address, else the host of a referrer that is not the page's own. */
const SOURCE = `left(lower(coalesce(
  nullif(btrim(context #>> '{campaign,source}'), ''),
  nullif(btrim(replace(substring(context #>> '{page,url}' from '[?&]utm_source=([^&#]+)'), '+', ' ')), ''),
  nullif(lower(${REFERRER}), lower(coalesce(substring(context #>> '{page,url}' from ${HOST}), '')))
)), ${ENCODED_LENGTH_MAX})`;

/** So many sources are read; the others are summed as they are. */
const SOURCES_MAX = 10_000;

/** A million is split over n touches so that nothing is lost: the earliest ones get one more each. */
const CREDITS = `
  with created as materialized (
    select person_id, min(occurred_at) as created_at, ${IS_ERASED} as is_erased from behaviour_events
    where name = 'customer_created' and person_id is not null and occurred_at <= $3
    group by person_id
    having min(occurred_at) >= $1 and min(occurred_at) < $2
  ), events as (
    select person_id, occurred_at, event_id, name, ${SOURCE} as source
    from created join behaviour_events using (person_id)
    where not is_erased and occurred_at >= created_at - make_interval(days => $4) and occurred_at <= created_at
      and occurred_at >= $1::timestamptz - make_interval(days => $4) and occurred_at < $2
      and name <> 'customer_created' and (name = '$page' or context <> '{}')
  ), touches as (
    select person_id, source,
      row_number() over (partition by person_id order by occurred_at, event_id) as place,
      row_number() over (
        partition by person_id order by source is null, occurred_at desc, event_id desc) as place_from_end,
      count(*) over (partition by person_id) as touches
    from events where source is not null or name = '$page'
  ), credits as (
    select case when source is null then 'direct' else 'touch' end as origin, source,
      case when place = 1 then 1000000 else 0 end as first,
      case when place_from_end = 1 then 1000000 else 0 end as last,
      1000000 / touches + (place <= 1000000 % touches)::int as linear
    from touches
    union all
    select case when is_erased then 'erased' when known.source is null then 'unknown' else 'metadata' end, known.source, 1000000, 1000000, 1000000
    from created join people using (person_id) left join (
      select distinct on (user_id) user_id, nullif(source, 'unknown') as source from analytics_events
      where name = 'customer_created' and occurred_at < $2
      order by user_id, occurred_at, id
    ) as known using (user_id)
    where not exists (select from touches where touches.person_id = created.person_id)
  ), summed as (
    select origin, source, sum(first) as first, sum(last) as last, sum(linear) as linear,
      row_number() over (order by source is not null, sum(linear) desc, source collate "C") > ${SOURCES_MAX} as is_rare
    from credits group by 1, 2
  )
  select case when is_rare then 'other' else origin end as origin, case when not is_rare then source end as source,
    sum(first)::float8 as first, sum(last)::float8 as last, sum(linear)::float8 as linear, count(*)::int as sources
  from summed group by 1, 2`;
