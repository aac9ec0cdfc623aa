import type { AttributionDto } from '../definitions/attribution.dto.js';
import type { LimitDto } from '../definitions/limit.dto.js';
import { limitsOfEvents } from '../sql/left-out-events.js';
import { type Findings, momentsOf, type QuestionContext } from '../sql/question-context.js';
import { BREAKDOWN_VALUES_MAX } from '../sql/top-values.js';
import type { AttributedSourceDto, AttributionResultDto, CreditDto } from './attribution-result.dto.js';
import { type SourceCredits, sumCredits } from './attribution.queries.js';
import { mergeCredits } from './merge-credits.js';
import { MILLION, millionthsOf } from './millionths.js';

const DAY_MS = 86_400_000;
const MODELS = ['first', 'last', 'linear'] as const;

export async function answerAttribution(
  question: AttributionDto,
  context: QuestionContext,
): Promise<Findings> {
  const period = await momentsOf(question, context);
  const stored = await sumCredits(question, period, context);
  const erased = stored
    .filter(({ origin }) => origin === 'erased')
    .reduce((sum, { first }) => sum + first, 0);
  const all = mergeCredits(
    stored.map(({ origin, ...credit }) => ({ ...credit, origin: origin === 'erased' ? 'unknown' : origin })),
  );
  const { shown, limits } = withOther(all);
  const without = all.filter(({ origin }) => origin === 'metadata' || origin === 'unknown');
  const result: AttributionResultDto = {
    customers: sumOf(all, 'first') / MILLION,
    withoutTouch: sumOf(without, 'first') / MILLION,
    sources: sourcesFrom(shown),
  };
  const from = new Date(period.from.getTime() - question.lookbackDays * DAY_MS);
  const views = await limitsOfEvents([{ name: '$page', where: [] }], { ...period, from }, context);
  return { period, limits: [...limitsOfErased(erased / MILLION), ...views, ...limits], result };
}

function limitsOfErased(found: number): LimitDto[] {
  const effect = `The touches of ${found} erased persons are not known any more; their credit is unknown.`;
  return found === 0 ? [] : [{ limit: 'erased_persons', max: null, found, effect }];
}

function sourcesFrom(credits: readonly SourceCredits[]): AttributedSourceDto[] {
  const shares = Object.fromEntries(
    MODELS.map((model) => [model, millionthsOf(credits.map((credit) => credit[model]))]),
  );
  return credits.map(({ origin, source, ...ofModels }, index) => {
    const creditOf = (model: (typeof MODELS)[number]): CreditDto => ({
      customers: ofModels[model] / MILLION,
      shareMillionths: shares[model]?.[index] ?? 0,
    });
    return { origin, source, first: creditOf('first'), last: creditOf('last'), linear: creditOf('linear') };
  });
}

/** Sources beyond the limit are summed. */
function withOther(all: readonly SourceCredits[]): { shown: SourceCredits[]; limits: LimitDto[] } {
  if (all.length <= BREAKDOWN_VALUES_MAX) return { shown: [...all], limits: [] };
  const rest = all.slice(BREAKDOWN_VALUES_MAX);
  const [first, last, linear] = MODELS.map((model) => sumOf(rest, model)) as [number, number, number];
  const other: SourceCredits = { origin: 'other', source: null, first, last, linear };
  const limit: LimitDto = {
    limit: 'breakdown_values',
    max: BREAKDOWN_VALUES_MAX,
    found: all.length,
    effect: `The ${rest.length} sources with the least credit are summed as other.`,
  };
  return { shown: [...all.slice(0, BREAKDOWN_VALUES_MAX), other], limits: [limit] };
}

function sumOf(credits: readonly SourceCredits[], model: (typeof MODELS)[number]): number {
  return credits.reduce((sum, credit) => sum + credit[model], 0);
}
