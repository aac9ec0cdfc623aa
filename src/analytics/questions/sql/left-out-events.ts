import type { EventSelectionDto } from '../definitions/event-selection.dto.js';
import type { LimitDto } from '../definitions/limit.dto.js';
import { eventCondition } from './event-conditions.js';
import type { Moments, QuestionContext } from './question-context.js';
import { SqlValues } from './sql-values.js';

/** The events of the period that a question about these selections cannot count. */
export async function limitsOfEvents(
  selections: readonly EventSelectionDto[],
  { from, to }: Moments,
  { manager }: QuestionContext,
): Promise<LimitDto[]> {
  const values = new SqlValues();
  const period = `occurred_at >= ${values.add(from, 'timestamptz')} and occurred_at < ${values.add(to, 'timestamptz')}`;
  const any = selections.map((selection) => `(${eventCondition(selection, values)})`).join(' or ');
  const filtered = selections.filter(({ where }) => where.length > 0).map(({ name }) => name);
  const [found] = await manager.query<{ erased: number; anonymous: number }[]>(
    `select (
        select count(*) from behaviour_events join people using (person_id)
        where user_id is null and name = any(${values.add(filtered, 'text[]')}) and ${period}
      )::float8 as erased, (
        select count(*) from behaviour_events where person_id is null and (${any}) and ${period}
      )::float8 as anonymous`,
    values.list,
  );
  return [
    limitOf(
      'erased_events',
      found?.erased,
      'events of erased persons have no properties, and pass no filter.',
    ),
    limitOf('events_without_user', found?.anonymous, 'events have no user yet, and are not counted.'),
  ].flat();
}

function limitOf(limit: string, found = 0, effect: string): LimitDto[] {
  return found === 0 ? [] : [{ limit, max: null, found, effect: `${found} ${effect}` }];
}
