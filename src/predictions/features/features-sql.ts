import pg from 'pg';
import { AS_OF_RELATIONS, type AsOfName } from './as-of-relations.js';
import { assertAsOf, type Feature } from './feature.js';

/**
 * SQL of the features of customers at moments: rows of customer_id and `features`, an array as text. The text is a
 * statement's, in which `$1` and `$2` are the oldest and the newest t0.
 *
 * Rows are joined and grouped as sets, so that PostgreSQL reads a few customers by index, and a million of them with
 * one scan of each table.
 * `offset 0` keeps PostgreSQL from computing an age again in each aggregate, which takes twice as long.
 * @param moments SQL of rows of customer_id and t0
 * @throws Error for a feature that could read what was not known at t0
 */
export function featuresSql(features: readonly Feature[], moments: string): string {
  for (const feature of features) assertAsOf(feature);
  const relations = [...new Set(features.map(({ of }) => of))];
  const values = features.map(({ of, otherwise }, index) => {
    const value = `${of}.f${index}::float4`;
    return otherwise === undefined ? value : `coalesce(${value}, ${otherwise})`;
  });
  return `
    with s as materialized (${moments})
    select s.customer_id, array[${values.join(', ')}]::text as features
    from s
    ${relations.map((relation) => aggregated(relation, features)).join('\n')}
    where $1::timestamptz <= $2::timestamptz`;
}

function aggregated(relation: AsOfName, features: readonly Feature[]): string {
  const columns = features.flatMap((feature, index) =>
    feature.of === relation ? [`${expressionOf(feature)} as f${index}`] : [],
  );
  return `
    left join (
      select customer_id, t0, ${columns.join(', ')}
      from (${AS_OF_RELATIONS[relation].rows} offset 0) as known
      group by customer_id, t0
    ) as ${relation} on ${relation}.customer_id = s.customer_id and ${relation}.t0 = s.t0`;
}

function expressionOf({ sql, value }: Feature): string {
  return value === undefined ? sql : sql.replaceAll(':value', () => pg.escapeLiteral(value));
}

/** Moments of customers that are given: `$3` are their ids, `$4` the times. */
export const GIVEN_MOMENTS = `select customer_id, t0 from unnest($3::uuid[], $4::timestamptz[]) as given (customer_id, t0)`;

/**
 * Writes the features of one row into a matrix. A null is NaN.
 * @param text an array of PostgreSQL, such as `{1,NULL,0.5}`
 */
export function readFeatures(text: string, into: (feature: number, value: number) => void): void {
  let start = 1;
  for (let feature = 0; start < text.length; feature += 1) {
    let end = text.indexOf(',', start);
    if (end === -1) end = text.length - 1;
    const value = text.slice(start, end);
    into(feature, value === 'NULL' ? NaN : Number(value));
    start = end + 1;
  }
}
