import { answerAttribution } from '../attribution/answer-attribution.js';
import type { Questions } from '../definitions/any-question.dto.js';
import type { QuestionKind } from '../definitions/question.dto.js';
import { answerFunnel, answerMilestoneFunnel, answerTimeToConvert } from '../funnels/answer-funnels.js';
import { answerRetention } from '../retention/answer-retention.js';
import type { RevenueRetention } from '../retention/revenue-retention.service.js';
import type { Findings, QuestionContext } from '../sql/question-context.js';
import { answerTrends } from '../trends/answer-trends.js';

type Answering = {
  [K in QuestionKind]: (
    question: Questions[K],
    context: QuestionContext,
    revenue: RevenueRetention,
  ) => Promise<Findings>;
};

/** How each kind of question is answered. */
const ANSWERING: Answering = {
  trends: answerTrends,
  funnel: answerFunnel,
  milestone_funnel: answerMilestoneFunnel,
  time_to_convert: answerTimeToConvert,
  retention: answerRetention,
  revenue_retention: (question, context, revenue) => revenue.answer(question, context),
  attribution: answerAttribution,
};

/** Kinds that count nothing of the stream of events. */
const OTHER_SOURCES = new Set<QuestionKind>(['milestone_funnel', 'revenue_retention']);

/** What the question finds in the database. */
export async function findingsOf<K extends QuestionKind>(
  question: Questions[K],
  context: QuestionContext,
  revenue: RevenueRetention,
): Promise<Findings> {
  const findings = await ANSWERING[question.kind as K](question, context, revenue);
  if (OTHER_SOURCES.has(question.kind)) return findings;
  const [row] = await context.manager.query<{ keptSince: Date | null }[]>(KEPT_SINCE);
  return { ...findings, eventsKeptSince: row?.keptSince ?? null };
}

/** The beginning of the oldest month of the stream: months are removed as a whole. */
const KEPT_SINCE = `
  select min(to_date(right(inhrelid::regclass::text, 6), 'YYYYMM'))::timestamp at time zone 'UTC' as "keptSince"
  from pg_inherits where inhparent = 'behaviour_events'::regclass`;
