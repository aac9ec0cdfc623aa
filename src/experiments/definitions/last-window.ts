import type { Experiment } from './experiment.entity.js';

const DAY_MS = 86_400_000;

/** When the last window of the last unit has closed; null while there are new units. */
export function lastWindowClosesAt({ stoppedAt, goals, guardrails }: Experiment): Date | null {
  if (stoppedAt === null) return null;
  const days = [...goals, ...guardrails].map(({ withinDays }) => withinDays);
  return new Date(stoppedAt.getTime() + Math.max(0, ...days) * DAY_MS);
}

/** The same in SQL, with the columns of `experiments`. */
export const LAST_WINDOW_CLOSES_AT = `stopped_at + (
    select coalesce(max((outcome ->> 'withinDays')::integer), 0) from jsonb_array_elements(goals || guardrails) as outcome
  ) * interval '24 hours'`;
