import type { EntityManager } from 'typeorm';
import { firstMoment } from '../../../platform/database/first-moment.js';
import type { LimitDto } from '../definitions/limit.dto.js';
import type { PeriodQuestionDto } from '../definitions/question.dto.js';

/** What a question is answered with: one transaction, which sees one state, and the time of the question. */
export interface QuestionContext {
  manager: EntityManager;
  asOf: Date;
  /** Into how many statements a count over all persons is cut, so that none exceeds its timeout. */
  slices: number;
}

/** The period as moments, of which `to` is not part. */
export interface Moments {
  from: Date;
  to: Date;
}

/** What a kind of question finds. */
export interface Findings {
  /** Null for questions without a period. */
  period: Moments | null;
  /** Missing for questions that do not count events. */
  eventsKeptSince?: Date | null;
  limits: LimitDto[];
  result: object;
}

/** The period of a question; `lastDays` ends at the time of the question. */
export async function momentsOf(
  { period: { from, to, lastDays }, zone }: PeriodQuestionDto,
  { manager, asOf }: QuestionContext,
): Promise<Moments> {
  if (from && to) return { from, to };
  const [row] = await manager.query<{ from: Date }[]>(BEGINNING, [asOf, zone, lastDays]);
  return { from: row?.from ?? asOf, to: asOf };
}

const BEGINNING = `
  select ${firstMoment("date_trunc('day', $1::timestamptz at time zone $2) - make_interval(days => $3)", '$2')} as "from"`;
