import { DomainError } from '../../../platform/http/domain-error.js';
import { millisecondsOf } from '../definitions/check-question.js';
import type { LimitDto } from '../definitions/limit.dto.js';
import type { FunnelDto, MilestoneFunnelDto, TimeToConvertDto } from '../definitions/funnel.dto.js';
import { eventCondition, IS_ERASED, propertyText } from '../sql/event-conditions.js';
import { limitsOfEvents } from '../sql/left-out-events.js';
import { type Findings, type Moments, momentsOf, type QuestionContext } from '../sql/question-context.js';
import { SqlValues } from '../sql/sql-values.js';
import { findTopValues, type TopValues } from '../sql/top-values.js';
import { type AttemptCounts, countAttempts } from './attempt-counts.queries.js';
import { attemptsSql } from './attempts.js';
import type { FunnelResultDto, TimeBucketDto, TimeToConvertResultDto } from './funnel-result.dto.js';
import { emptyCounts, groupFrom } from './funnel-result.js';
import { milestoneAttemptsSql } from './milestone-attempts.js';
import { countInSlices } from './sliced-attempts.queries.js';
import { endOf, GROUP, type Way } from './way.js';

export async function answerFunnel(question: FunnelDto, context: QuestionContext): Promise<Findings> {
  const { steps, exclusions, breakdown } = question;
  const period = await momentsOf(question, context);
  const window = { windowMs: millisecondsOf(question.within), asOf: context.asOf };
  const segment = breakdown?.segment;
  const versionId = segment === undefined ? undefined : await servingVersionOf(segment, context);
  const top =
    segment === undefined ? await topValuesOf(question, { ...period, ...window }, context) : MEMBERSHIP;
  const way: Way = {
    steps,
    exclusions,
    ...period,
    ...window,
    breakdown: breakdown ? { ...breakdown, versionId, values: top.values } : null,
  };
  const counts = await countWay(way, context);
  const names = steps.map(({ name }) => name);
  const groups = counts
    .filter(({ code }) => code !== GROUP.total)
    .toSorted((a, b) => rankOf(a) - rankOf(b))
    .map((group) => groupFrom(group, names, top.values));
  const result: FunnelResultDto = { total: groupFrom(totalOf(counts, steps.length), names, []), groups };
  const limits = [...(await limitsOfWay(way, context)), ...top.limits];
  return { period, limits, result };
}

export async function answerMilestoneFunnel(
  question: MilestoneFunnelDto,
  context: QuestionContext,
): Promise<Findings> {
  const { steps, within } = question;
  const period = await momentsOf(question, context);
  const attempts = { ...period, asOf: context.asOf, windowMs: millisecondsOf(within) };
  const counts = await countInSlices(
    context.manager,
    (slice, values) => milestoneAttemptsSql(steps, { ...attempts, ...slice }, values),
    { ...attempts, stepCount: steps.length },
    context.slices,
  );
  const result: FunnelResultDto = { total: groupFrom(counts, steps, []), groups: [] };
  return { period, limits: [], result };
}

export async function answerTimeToConvert(
  question: TimeToConvertDto,
  context: QuestionContext,
): Promise<Findings> {
  const steps = [question.first, question.last];
  const period = await momentsOf(question, context);
  const windowMs = millisecondsOf(question.within);
  const way: Way = { steps, exclusions: [], breakdown: null, ...period, asOf: context.asOf, windowMs };
  const edges = EDGES_SECONDS.filter((edge) => edge * 1000 < windowMs);
  const total = totalOf(await countWay(way, context, edges), steps.length);
  const names = steps.map(({ name }) => name);
  const result: TimeToConvertResultDto = {
    total: groupFrom(total, names, []),
    histogram: edges.map((fromSeconds, index): TimeBucketDto => {
      const conversions = total.histogram[index + 1] ?? 0;
      return { fromSeconds, toSeconds: edges[index + 1] ?? null, conversions };
    }),
  };
  return { period, limits: await limitsOfWay(way, context), result };
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const EDGES_SECONDS = [
  ...[0, 1, 5, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 3, 5, 7, 14, 21, 30, 60, 90, 180].map((days) => days * DAY),
];

function countWay(
  way: Way,
  { manager }: QuestionContext,
  edges: readonly number[] = [0],
): Promise<AttemptCounts[]> {
  const values = new SqlValues();
  const counted = { ...way, stepCount: way.steps.length, hasGroups: way.breakdown !== null };
  return countAttempts(manager, attemptsSql(way, values), counted, { edges, values });
}

/** @throws DomainError segment_not_found for a segment that does not exist or is being filled for the first time */
async function servingVersionOf(segment: string, { manager }: QuestionContext): Promise<number> {
  const [row] = await manager.query<{ id: number | null }[]>(SERVING_VERSION, [segment]);
  if (!row?.id) throw new DomainError('segment_not_found', `No segment ${segment} that is filled`);
  return row.id;
}

const SERVING_VERSION = 'select serving_version_id as id from segments where name = $1';

/** The values of a breakdown by a segment. */
const MEMBERSHIP: TopValues = { values: ['member', 'not_member'], limits: [] };

/** The most frequent values among all events that can fill the step of the breakdown. */
async function topValuesOf(
  { breakdown, steps }: FunnelDto,
  attempts: Moments & Pick<Way, 'asOf' | 'windowMs'>,
  { manager }: QuestionContext,
): Promise<TopValues> {
  const step = breakdown && steps[breakdown.step - 1];
  if (!step || breakdown?.property === undefined) return { values: [], limits: [] };
  const values = new SqlValues();
  const property = values.add(breakdown.property, 'text');
  const source = `
    select ${propertyText(breakdown.property, values)} as value, length(properties ->> ${property}) as length
    from behaviour_events
    where ${eventCondition(step, values)} and person_id is not null and not ${IS_ERASED}
      and occurred_at >= ${values.add(attempts.from, 'timestamptz')}
      and occurred_at <= ${values.add(endOf(attempts), 'timestamptz')}`;
  return findTopValues(manager, source, values);
}

function limitsOfWay(way: Way, context: QuestionContext): Promise<LimitDto[]> {
  return limitsOfEvents([...way.steps, ...way.exclusions], { from: way.from, to: endOf(way) }, context);
}

function totalOf(counts: readonly AttemptCounts[], stepCount: number): AttemptCounts {
  return counts.find(({ code }) => code === GROUP.total) ?? emptyCounts(stepCount);
}

/** Values in their order, then other values, then erased persons, then those who did not get to the step. */
function rankOf({ code }: AttemptCounts): number {
  const last: number[] = [GROUP.other, GROUP.erased, GROUP.notReached];
  return last.includes(code) ? GROUP.other + last.indexOf(code) : code;
}
