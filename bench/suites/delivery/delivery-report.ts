import { type Goal, goalTable, precise, table } from '../../report.js';
import { median, percentile } from '../../statistics.js';

export interface OutageFigures {
  /** p99 of the webhook's answers: while mails are delivered, during the outage, and after it. */
  usualP99Ms: number;
  outageP99Ms: number;
  drainP99Ms: number;
  queued: number;
  drainSeconds: number;
  lost: number;
}

/** Mails per second: of one worker, of two workers, and of the bare loop. */
export interface DrainRound {
  drained: number;
  drainedByTwo: number;
  bare: number;
}

/** Figures and goals as Markdown. @param idleMs times from the webhook's answer to each mail */
export function describeDelivery(
  idleMs: readonly number[],
  rounds: readonly DrainRound[],
  outage: OutageFigures,
): string {
  const sorted = idleMs.toSorted((a, b) => a - b);
  const p95Ms = percentile(sorted, 0.95);
  const ratios = rounds.map(({ drained, bare }) => drained / bare);
  const ratiosOfTwo = rounds.map(({ drainedByTwo, bare }) => drainedByTwo / bare);
  const { usualP99Ms, outageP99Ms, drainP99Ms, queued, drainSeconds, lost } = outage;
  const figures = table(
    ['figure', 'measured'],
    [
      [
        'answer to mail accepted, idle, p50 / p95',
        `${precise(percentile(sorted, 0.5))} / ${precise(p95Ms)} ms`,
      ],
      ['mails/s from a full queue, one worker, each round', rates(rounds.map(({ drained }) => drained))],
      ['mails/s with two workers', rates(rounds.map(({ drainedByTwo }) => drainedByTwo))],
      ['mails/s of the bare nodemailer loop', rates(rounds.map(({ bare }) => bare))],
      ['mails queued after the outage', String(queued)],
      ['drained in', `${precise(drainSeconds)} s`],
      ['lost', String(lost)],
      [
        'webhook p99: usual / SMTP away / drain',
        `${precise(usualP99Ms)} / ${precise(outageP99Ms)} / ${precise(drainP99Ms)} ms`,
      ],
    ],
  );
  const times = (name: string, measured: number, relation: Goal['relation'], bound: number): Goal => ({
    name,
    measured,
    unit: '×',
    relation,
    bound,
  });
  const goals = [
    { ...times('answer to mail accepted, idle, p95', p95Ms, '≤', 1000), unit: 'ms' as const },
    times('mails/s, one worker against bare loop', median(ratios), '≥', 0.6),
    times('mails/s, two workers against bare loop', median(ratiosOfTwo), '≥', 0.6),
    { ...times('mails lost', lost, '≤', 0), unit: '' as const },
    times('webhook p99, SMTP away against usual', outageP99Ms / usualP99Ms, '≤', 1.1),
    times('webhook p99, drain against usual', drainP99Ms / usualP99Ms, '≤', 1.1),
  ];
  return `${figures}\n\n${goalTable(goals)}`;
}

function rates(perSecond: readonly number[]): string {
  return perSecond.map((rate) => rate.toFixed(0)).join(', ');
}
