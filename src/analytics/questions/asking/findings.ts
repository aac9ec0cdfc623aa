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
  revenue_retention: (question, _context, revenue) => revenue.answer(question),
  attribution: answerAttribution,
};

/** What the question finds in the database. */
export function findingsOf<K extends QuestionKind>(
  question: Questions[K],
  context: QuestionContext,
  revenue: RevenueRetention,
): Promise<Findings> {
  return ANSWERING[question.kind as K](question, context, revenue);
}
