import type { AttemptCounts } from './attempt-counts.queries.js';
import type { ConversionEstimateDto, FunnelGroupDto, StepResultDto } from './funnel-result.dto.js';
import { GROUP } from './way.js';

/** Two-sided 95 % of the normal distribution. */
const Z = 1.959964;

/** @param values of the breakdown, in the order of their codes */
export function groupFrom(
  counts: AttemptCounts,
  names: readonly string[],
  values: readonly (string | null)[],
): FunnelGroupDto {
  const { reached, reachedClosed, voided, p50, p90 } = counts;
  const [entries = 0, entriesClosed = 0] = [reached[0], reachedClosed[0]];
  const [converted = 0, convertedClosed = 0] = [reached.at(-1), reachedClosed.at(-1)];
  const dropped = entriesClosed - convertedClosed;
  return {
    ...labelOf(counts.code, values),
    entries,
    converted,
    dropped,
    open: entries - converted - dropped,
    voided,
    rate: shareOf(convertedClosed, entriesClosed),
    estimate: entries === 0 ? null : estimateFrom(counts),
    timeToConvert: p50 === null || p90 === null ? null : { p50Seconds: p50, p90Seconds: p90 },
    steps: names.map((name, index) => stepFrom(counts, name, index)),
  };
}

/** A group without attempts, for the total of an empty answer. */
export function emptyCounts(stepCount: number): AttemptCounts {
  const zeros = Array.from({ length: stepCount }, () => 0);
  return {
    code: GROUP.total,
    voided: 0,
    reached: zeros,
    reachedClosed: zeros,
    p50: null,
    p90: null,
    survival: 1,
    greenwood: 0,
    histogram: {},
  };
}

function stepFrom({ reached, reachedClosed }: AttemptCounts, name: string, index: number): StepResultDto {
  const converted = reached[index] ?? 0;
  if (index === 0) return { step: 1, name, converted, dropped: 0, open: 0, rate: null };
  const [before = 0, after = 0] = [reachedClosed[index - 1], reachedClosed[index]];
  const dropped = before - after;
  const open = (reached[index - 1] ?? 0) - converted - dropped;
  return { step: index + 1, name, converted, dropped, open, rate: shareOf(after, before) };
}

function estimateFrom({ survival, greenwood }: AttemptCounts): ConversionEstimateDto {
  const margin = Z * survival * Math.sqrt(greenwood);
  const conversion = 1 - survival;
  return { conversion, low: Math.max(0, conversion - margin), high: Math.min(1, conversion + margin) };
}

function labelOf(code: number, values: readonly (string | null)[]): Pick<FunnelGroupDto, 'is' | 'value'> {
  if (code === GROUP.total) return { is: 'total', value: null };
  if (code === GROUP.notReached) return { is: 'not_reached', value: null };
  if (code === GROUP.other) return { is: 'other', value: null };
  if (code === GROUP.erased) return { is: 'erased', value: null };
  const value = values[code - 1] ?? null;
  return { is: value === null ? 'missing' : 'value', value };
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
