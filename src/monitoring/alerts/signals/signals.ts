import type { MetricName } from '../../../platform/metrics/metric-catalogue.js';

/** A sample of a counter or of a histogram, whose part is in `metricName`. */
export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly metricName?: string;
}

interface Signal {
  readonly metric: MetricName;
  /** The weight of a sample. */
  readonly weight: (sample: Sample) => number;
}

/** One of the bounds of the histogram. */
const SLOW_SECONDS = 2.5;
const NOTHING_CAME: ReadonlySet<unknown> = new Set(['rejected', 'unmatched']);
const CREATIONS: ReadonlySet<unknown> = new Set(['customer.created', 'v1.customer.created']);
/** The labels of events that were decided earlier or are not decided yet. */
const UNDECIDED: ReadonlySet<unknown> = new Set(['redelivered', 'fetching']);

/** Whether an event about a new customer had no effect. */
export function isFailedCreation(type: unknown, outcome: unknown): boolean {
  return CREATIONS.has(type) && NOTHING_CAME.has(outcome);
}

const isCreation = ({ labels: { type, outcome } }: Sample) => CREATIONS.has(type) && !UNDECIDED.has(outcome);

/** The signals for alerts that only the process itself counts, as sums of its metrics. */
export const SIGNALS = {
  creations: { metric: 'webhook_events_total', weight: (sample) => Number(isCreation(sample)) },
  creations_failed: {
    metric: 'webhook_events_total',
    weight: ({ labels }) => Number(isFailedCreation(labels.type, labels.outcome)),
  },
  notifications_ended: {
    metric: 'notifications_ended_total',
    weight: ({ labels }) => Number(labels.status === 'sent' || labels.status === 'failed'),
  },
  notifications_failed: {
    metric: 'notifications_ended_total',
    weight: ({ labels }) => Number(labels.status === 'failed'),
  },
  events: {
    metric: 'webhook_processing_seconds',
    weight: ({ metricName }) => Number(metricName === 'webhook_processing_seconds_count'),
  },
  events_fast: {
    metric: 'webhook_processing_seconds',
    weight: ({ metricName, labels }) =>
      Number(metricName === 'webhook_processing_seconds_bucket' && labels.le === SLOW_SECONDS),
  },
  unavailable: {
    metric: 'webhook_refused_total',
    weight: ({ labels }) => Number(labels.reason === 'unavailable'),
  },
  signature_failures: { metric: 'webhook_signature_failures_total', weight: () => 1 },
} as const satisfies Record<string, Signal>;

/** Failures that were repaired after they were counted. */
export type MendedName = 'creations_mended' | 'notifications_mended';

export type SignalName = keyof typeof SIGNALS;
export const SIGNAL_NAMES = Object.keys(SIGNALS) as SignalName[];
