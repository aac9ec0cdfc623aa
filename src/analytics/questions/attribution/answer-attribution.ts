import type { AttributionDto } from '../definitions/attribution.dto.js';
import type { LimitDto } from '../definitions/limit.dto.js';
import { limitsOfEvents } from '../sql/left-out-events.js';
import { type Findings, momentsOf, type QuestionContext } from '../sql/question-context.js';
import { BREAKDOWN_VALUES_MAX, limitsOfLength } from '../sql/top-values.js';
import type { AttributedSourceDto, AttributionResultDto, CreditDto } from './attribution-result.dto.js';
import { type SourceCredits, type StoredCredits, sumCredits } from './attribution.queries.js';
import { mergeCredits } from './merge-credits.js';
import { MILLION, millionthsOf } from './millionths.js';
import { sourceLabel } from './source-label.js';

const DAY_MS = 86_400_000;
const MODELS = ['first', 'last', 'linear'] as const;

export async function answerAttribution(
  question: AttributionDto,
  context: QuestionContext,
): Promise<Findings> {
  const period = await momentsOf(question, context);
  const stored = await sumCredits(question, period, context);
  const all = mergeCredits(stored);
  const { shown, limits } = withOther(all, stored.find(({ origin }) => origin === 'other')?.sources ?? 0);
  const without = all.filter(({ origin }) => origin === 'metadata' || origin === 'unknown');
  const result: AttributionResultDto = {
    persons: sumOf(all, 'first') / MILLION,
    withoutTouch: sumOf(without, 'first') / MILLION,
    sources: sourcesFrom(shown),
  };
  const from = new Date(period.from.getTime() - question.lookbackDays * DAY_MS);
  const views = await limitsOfEvents([{ name: '$page', where: [] }], { ...period, from }, context);
  return { period, limits: [...limitsOf(stored), ...views, ...limits], result };
}

/** What is not known any more, and what is cut. */
function limitsOf(stored: readonly StoredCredits[]): LimitDto[] {
  const erased = sumOf(
    stored.filter(({ origin }) => origin === 'erased'),
    'first',
  );
  const length = stored.reduce((max, { source }) => Math.max(max, sourceLabel(source ?? '').length), 0);
  const ofErased = {
    limit: 'erased_persons',
    max: null,
    found: erased / MILLION,
    effect: `The touches of ${erased / MILLION} erased persons are not known any more; their credit is unknown.`,
  };
  return [...(erased > 0 ? [ofErased] : []), ...limitsOfLength(length)];
}

function sourcesFrom(credits: readonly SourceCredits[]): AttributedSourceDto[] {
  const shares = Object.fromEntries(
    MODELS.map((model) => [model, millionthsOf(credits.map((credit) => credit[model]))]),
  );
  return credits.map(({ origin, source, ...ofModels }, index) => {
    const creditOf = (model: (typeof MODELS)[number]): CreditDto => ({
      persons: ofModels[model] / MILLION,
      shareMillionths: shares[model]?.[index] ?? 0,
    });
    return { origin, source, first: creditOf('first'), last: creditOf('last'), linear: creditOf('linear') };
  });
}

/**
 * Sources beyond the limit are summed.
 * @param unread how many sources PostgreSQL has summed already
 */
function withOther(
  all: readonly SourceCredits[],
  unread: number,
): { shown: SourceCredits[]; limits: LimitDto[] } {
  const known = all.filter(({ origin }) => origin !== 'other');
  const found = known.length + unread;
  if (found <= BREAKDOWN_VALUES_MAX) return { shown: known, limits: [] };
  const shown = known.slice(0, BREAKDOWN_VALUES_MAX);
  const rest = all.filter((credit) => !shown.includes(credit));
  const [first, last, linear] = MODELS.map((model) => sumOf(rest, model)) as [number, number, number];
  const other: SourceCredits = { origin: 'other', source: null, first, last, linear };
  const limit: LimitDto = {
    limit: 'breakdown_values',
    max: BREAKDOWN_VALUES_MAX,
    found,
    effect: `The ${found - BREAKDOWN_VALUES_MAX} sources with the least credit are summed as other.`,
  };
  return { shown: [...shown, other], limits: [limit] };
}

function sumOf(credits: readonly Omit<SourceCredits, 'origin'>[], model: (typeof MODELS)[number]): number {
  return credits.reduce((sum, credit) => sum + credit[model], 0);
}
