import type { EventSelectionDto, PropertyFilterDto } from '../definitions/event-selection.dto.js';
import type { SqlValues } from './sql-values.js';

/** Whether the person of a row was erased. Their events are kept without properties and context. */
export const IS_ERASED = 'person_id in (select person_id from people where user_id is null)';

/**
 * The condition that rows of `behaviour_events` of the right name pass; `true` without filters. Events of erased persons
 * pass no filter, also none about a missing property.
 */
export function filterCondition({ where }: EventSelectionDto, values: SqlValues): string {
  const conditions = where.flatMap((filter) => conditionsOf(filter, values));
  if (conditions.length === 0) return 'true';
  return [...conditions, `(${IS_ERASED}) is not true`].map((condition) => `(${condition})`).join(' and ');
}

/** The condition for the name and the filters. */
export function eventCondition(selection: EventSelectionDto, values: SqlValues): string {
  return `name = ${values.add(selection.name, 'text')} and ${filterCondition(selection, values)}`;
}

/** A property as text: at most 200 characters, null where it is missing. */
export function propertyText(property: string, values: SqlValues): string {
  return `left(properties ->> ${values.add(property, 'text')}, ${VALUE_LENGTH_MAX})`;
}

/** Longer values of a property count as equal if they begin with the same 200 characters. */
export const VALUE_LENGTH_MAX = 200;

/** No condition is null: one about a missing property is false. */
function conditionsOf(filter: PropertyFilterDto, values: SqlValues): string[] {
  const name = values.add(filter.property, 'text');
  const value = `nullif(properties -> ${name}, 'null')`;
  const anyOf = (list: readonly unknown[]) =>
    `any(${values.add(
      list.map((item) => JSON.stringify(item)),
      'jsonb[]',
    )})`;
  const number = (comparison: string, bound: number) =>
    `case when jsonb_typeof(${value}) = 'number' then (properties ->> ${name})::numeric ${comparison} ${values.add(bound, 'numeric')} else false end`;
  const conditions = [
    filter.in && `${value} is not null and ${value} = ${anyOf(filter.in)}`,
    filter.notIn && `${value} is not null and not ${value} = ${anyOf(filter.notIn)}`,
    filter.present !== undefined && `${value} is ${filter.present ? 'not ' : ''}null`,
    filter.atLeast !== undefined && number('>=', filter.atLeast),
    filter.atMost !== undefined && number('<=', filter.atMost),
  ].filter((condition) => typeof condition === 'string');
  return conditions.length === 0 ? [`${value} is not null`] : conditions;
}
