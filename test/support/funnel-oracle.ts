import type { Behaviour } from './behaviour.js';

/** A funnel as the test states it, without SQL. Times are milliseconds. */
export interface Funnel {
  steps: { name: string; plan?: string }[];
  exclusions: { name: string }[];
  breakdownStep: number | null;
  from: number;
  to: number;
  windowMs: number;
  asOf: number;
}

/** What became of a person: the number of steps of the furthest attempt; 0 if all are void. */
export interface Outcome {
  depth: number;
  enteredAt: number;
  convertedAt: number | null;
  /** The value at the step of the breakdown; undefined if that was not reached, null if the property is missing. */
  value?: string | null;
}

/** The outcome of each person with an attempt, by trying each attempt event by event. */
export function outcomesOf(events: readonly Behaviour[], funnel: Funnel): Outcome[] {
  const people = groupByUser(events);
  return [...people.values()].flatMap((ofPerson) => {
    const known = ofPerson.filter(({ at }) => at.getTime() <= funnel.asOf);
    const ordered = known.toSorted((a, b) => a.at.getTime() - b.at.getTime());
    const attempts = ordered.flatMap((event, index) => {
      const at = event.at.getTime();
      const begins = matches(event, funnel.steps[0]) && at >= funnel.from && at < funnel.to;
      return begins ? [attempt(ordered, index, funnel)] : [];
    });
    if (attempts.length === 0) return [];
    const best = attempts.reduce((a, b) => (b.depth > a.depth ? b : a));
    return [best];
  });
}

function attempt(ordered: readonly Behaviour[], start: number, funnel: Funnel): Outcome {
  const enteredAt = timeOf(ordered[start]);
  const end = enteredAt + funnel.windowMs;
  const filled = [start];
  for (const step of funnel.steps.slice(1)) {
    const after = filled.at(-1) as number;
    const next = ordered.findIndex((event, index) => index > after && matches(event, step));
    if (next === -1 || timeOf(ordered[next]) > end) break;
    filled.push(next);
  }
  const isConverted = filled.length === funnel.steps.length;
  const last = filled.at(-1) as number;
  const isVoid = ordered.some(
    (event, index) =>
      index > start &&
      funnel.exclusions.some((exclusion) => matches(event, exclusion)) &&
      (isConverted ? index < last : timeOf(event) <= end),
  );
  if (isVoid) return { depth: 0, enteredAt, convertedAt: null };
  const breakdownAt = filled[(funnel.breakdownStep ?? 0) - 1];
  const value = breakdownAt === undefined ? undefined : planOf(ordered[breakdownAt]);
  return { depth: filled.length, enteredAt, convertedAt: isConverted ? timeOf(ordered[last]) : null, value };
}

function matches(event: Behaviour, step?: { name: string; plan?: string }): boolean {
  return event.name === step?.name && (step.plan === undefined || planOf(event) === step.plan);
}

const planOf = (event?: Behaviour) => (event?.properties?.plan as string | undefined) ?? null;
const timeOf = (event?: Behaviour) => event?.at.getTime() ?? Number.NaN;

function groupByUser(events: readonly Behaviour[]): Map<string, Behaviour[]> {
  const people = new Map<string, Behaviour[]>();
  for (const event of events) people.set(event.userId, [...(people.get(event.userId) ?? []), event]);
  return people;
}

/** A group of a funnel's answer, from outcomes. */
export function reportOf(outcomes: readonly Outcome[], funnel: Funnel): object {
  const entered = outcomes.filter(({ depth }) => depth > 0);
  const isClosed = ({ enteredAt }: Outcome) => enteredAt + funnel.windowMs < funnel.asOf;
  const converted = entered.filter(({ depth }) => depth === funnel.steps.length);
  const left = entered.filter(({ depth }) => depth < funnel.steps.length);
  const dropped = left.filter(isClosed);
  const closed = converted.filter(isClosed).length;
  return {
    entries: entered.length,
    converted: converted.length,
    dropped: dropped.length,
    open: left.length - dropped.length,
    voided: outcomes.length - entered.length,
    rate: shareOf(closed, closed + dropped.length),
    timeToConvert: quantilesOf(converted.map((outcome) => secondsOf(outcome, funnel))),
    steps: funnel.steps.map(({ name }, index) => {
      const before = entered.filter(({ depth }) => depth === index);
      const reached = entered.filter(({ depth }) => depth > index);
      const lost = before.filter(isClosed).length;
      const won = reached.filter(isClosed).length;
      return {
        step: index + 1,
        name,
        converted: reached.length,
        dropped: lost,
        open: before.length - lost,
        rate: index === 0 ? null : shareOf(won, won + lost),
      };
    }),
  };
}

/** The product-limit estimate of conversion at the end of the window, over groups of equal times, with Greenwood's variance. */
export function estimateOf(outcomes: readonly Outcome[], funnel: Funnel): number[] | null {
  const entered = outcomes.filter(({ depth }) => depth > 0);
  if (entered.length === 0) return null;
  const exits = entered.map((outcome) => ({
    time: Math.min(secondsOf(outcome, funnel), funnel.windowMs / 1000),
    isConverted: outcome.convertedAt !== null,
  }));
  let [survival, greenwood] = [1, 0];
  const times = [...new Set(exits.filter(({ isConverted }) => isConverted).map(({ time }) => time))];
  for (const time of times.toSorted((a, b) => a - b)) {
    const atRisk = exits.filter((exit) => exit.time >= time).length;
    const conversions = exits.filter((exit) => exit.isConverted && exit.time === time).length;
    survival *= 1 - conversions / atRisk;
    if (atRisk > conversions) greenwood += conversions / (atRisk * (atRisk - conversions));
  }
  const margin = 1.959964 * survival * Math.sqrt(greenwood);
  return [1 - survival, Math.max(0, 1 - survival - margin), Math.min(1, 1 - survival + margin)];
}

function secondsOf({ enteredAt, convertedAt }: Outcome, { asOf }: Funnel): number {
  return ((convertedAt ?? asOf) - enteredAt) / 1000;
}

function quantilesOf(values: readonly number[]): object | null {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1];
  return sorted.length === 0 ? null : { p50Seconds: at(0.5), p90Seconds: at(0.9) };
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
