import { DomainError } from '../../../platform/http/domain-error.js';
import type { AnyQuestion } from './any-question.dto.js';
import { WindowQuestionDto, FunnelDto } from './funnel.dto.js';
import { PERIOD_DAYS_MAX, type PeriodDto, type SpanDto } from './period.dto.js';
import { PeriodQuestionDto } from './question.dto.js';
import { RevenueRetentionDto } from './retention.dto.js';
import { TrendsDto } from './trends.dto.js';

const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const SPAN_DAYS_MAX = 366;
const LENGTH_MAX = 16_384;
const CELLS_MAX = 750;
const UNIT_DAYS = { hour: 1 / 24, day: 1, week: 7 };

/**
 * Checks what the fields of a definition say together, and fills in the period if it has none.
 * @throws DomainError definition_invalid, period_invalid
 */
export function checkQuestion(question: AnyQuestion): void {
  const { length } = JSON.stringify(question);
  if (length > LENGTH_MAX) throw invalid(`a definition has at most ${LENGTH_MAX} characters, not ${length}`);
  if (question instanceof PeriodQuestionDto) checkPeriod(question.period);
  if (question instanceof WindowQuestionDto) checkSpan(question.within);
  if (question instanceof FunnelDto) checkFunnel(question);
  if (question instanceof TrendsDto) checkTrends(question);
  if (question instanceof RevenueRetentionDto) checkMonths(question);
}

/** The length of a span in milliseconds. */
export function millisecondsOf({ days = 0, hours = 0, minutes = 0 }: SpanDto): number {
  return days * DAY_MS + hours * 60 * MINUTE_MS + minutes * MINUTE_MS;
}

function checkPeriod(period: PeriodDto): void {
  const { from, to, lastDays } = period;
  if (from === undefined && to === undefined) {
    period.lastDays ??= DEFAULT_DAYS;
    return;
  }
  if (!from || !to || lastDays !== undefined)
    throw new DomainError('period_invalid', 'A period has either from and to, or lastDays');
  const days = (to.getTime() - from.getTime()) / DAY_MS;
  if (days <= 0) throw new DomainError('period_invalid', 'to must be after from');
  if (days > PERIOD_DAYS_MAX)
    throw new DomainError('period_invalid', `A period has at most ${PERIOD_DAYS_MAX} days`);
}

function checkSpan(span: SpanDto): void {
  const length = millisecondsOf(span);
  if (length <= 0 || length > SPAN_DAYS_MAX * DAY_MS)
    throw invalid(`within must be longer than zero and at most ${SPAN_DAYS_MAX} days`);
}

function checkFunnel({ breakdown, steps }: FunnelDto): void {
  if (breakdown && breakdown.step > steps.length)
    throw invalid(`breakdown.step is ${breakdown.step}, but there are ${steps.length} steps`);
  if (breakdown && (breakdown.property === undefined) === (breakdown.segment === undefined))
    throw invalid('breakdown has either a property or a segment');
  if (breakdown?.segment !== undefined && breakdown.step !== 1)
    throw invalid('breakdown.step is 1 for a segment');
}

function checkTrends({ breakdown, events, period, unit }: TrendsDto): void {
  if (breakdown && (breakdown.by === 'property') !== (breakdown.property !== undefined))
    throw invalid('breakdown.property is required for by: property, and only for it');
  const { from, to, lastDays = 0 } = period;
  const days = from && to ? (to.getTime() - from.getTime()) / DAY_MS : lastDays + 1;
  const points = Math.ceil(days / UNIT_DAYS[unit]) * (breakdown ? events.length : 1);
  if (points > CELLS_MAX)
    throw invalid(
      `the series have at most ${CELLS_MAX} points, with a breakdown all events together; these have ${points}`,
    );
}

function checkMonths({ from, to }: RevenueRetentionDto): void {
  if (from && to && to < from) throw new DomainError('period_invalid', 'to must not be before from');
}

function invalid(problem: string): DomainError {
  return new DomainError('definition_invalid', 'The definition is not valid', [problem]);
}
