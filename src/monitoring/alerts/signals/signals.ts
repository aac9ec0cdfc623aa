import type { MetricName } from '../../../platform/metrics/metric-catalogue.js';

/** A sample of a counter, or of a histogram: then `metricName` tells which part. */
export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly metricName?: string;
}

interface Signal {
  readonly metric: MetricName;
  /** How often a sample counts. */
  readonly weight: (sample: Sample) => number;
}

/** A bound of the histogram. */
const SLOW_SECONDS = 2.5;
const NOTHING_CAME = new Set(['rejected', 'unmatched']);
const CREATIONS = new Set(['customer.created', 'v1.customer.created']);

const isCreation = ({ labels: { type, outcome } }: Sample) =>
  CREATIONS.has(String(type)) && outcome !== 'redelivered';

/** What alerts are about that only the process knows in which it happens, as sums of its metrics. */
export const SIGNALS = {
  creations: { metric: 'webhook_events_total', weight: (sample) => Number(isCreation(sample)) },
  creations_failed: {
    metric: 'webhook_events_total',
    weight: (sample) => Number(isCreation(sample) && NOTHING_CAME.has(String(sample.labels.outcome))),
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

export type SignalName = keyof typeof SIGNALS;
export const SIGNAL_NAMES = Object.keys(SIGNALS) as SignalName[];
