import { type AlertDeclaration, type AlertInputs, ANY, threshold } from './alert-declaration.js';
import { amount, type Measurement, whether } from './measurement.js';

/** The codes of nodemailer and the replies of servers for wrong or missing credentials. */
const LOGIN_REFUSED = /^(EAUTH|ENOAUTH|EOAUTH2|53[0458])(?!.* tls$)| login$/;
const NO_TLS = /(^ETLS|\btls$)/;
/** The last word of the reason of a refusal that concerns our service and not the recipient. */
const MAIL_REFUSED = / (sender|account|quota|reputation|authentication|relaying)$/;

const warningOf =
  (check: string) =>
  ({ watchdog: { [check]: finding } }: AlertInputs): Measurement | undefined =>
    finding && whether(finding.state === 'warning' ? finding.detail : null, finding.detail);

const mailFault =
  (pattern: RegExp, otherwise: string) =>
  ({ state: { channelFaults } }: AlertInputs): Measurement =>
    whether(pattern.test(channelFaults.email ?? '') ? (channelFaults.email ?? '') : null, otherwise);

function drift(drifts: Readonly<Record<string, number>>): Measurement {
  const [target, value] = Object.entries(drifts).toSorted(([, one], [, other]) => other - one)[0] ?? ['', 0];
  const detail =
    target === '' ? 'No prediction has a drift' : `The drift of ${target} is ${value.toFixed(2)}`;
  return { value, detail };
}

/** Alerts about the parts that events and messages need. */
export const OPERATION_ALERTS = {
  /** Whether fewer events arrive than in the week before. */
  silence: {
    severity: 'warning',
    title: 'Unusually few events arrive',
    runbook: 'the-watchdog-warns',
    threshold: ANY,
    measure: warningOf('silence'),
  },
  /** Whether an event of Stripe has not arrived. */
  event_missing: {
    severity: 'warning',
    title: 'An event that Stripe made has not arrived',
    runbook: 'the-watchdog-warns',
    threshold: ANY,
    measure: warningOf('newest_event'),
  },
  /** The refused signatures of the last ten minutes. */
  signature_failures: {
    severity: 'warning',
    title: 'Webhook signatures are refused',
    runbook: 'stripe-says-deliveries-fail-400',
    threshold: threshold(30, 10, { clearSeconds: 120 }),
    measure: ({ signals }) =>
      amount(signals[10].signature_failures, 'signatures were refused in the last 10 minutes'),
    prometheus: {
      name: 'SignatureFailures',
      expr: 'sum by (cause) (rate(webhook_signature_failures_total[10m])) > 0.1',
      forMinutes: 10,
      summary: 'Signatures fail: {{ $labels.cause }}',
    },
  },
  /** The seconds for which the oldest due job, or the oldest thin event, has been waiting. */
  oldest_unprocessed: {
    severity: 'critical',
    title: 'Work waits too long',
    runbook: 'work-waits-oldest-unprocessed',
    threshold: threshold(60, 30, { clearSeconds: 30 }),
    measure: ({ state }) =>
      amount(
        Math.max(state.oldestReadySeconds, state.oldestFetchingSeconds),
        'seconds is how long the oldest work has waited',
      ),
    prometheus: {
      name: 'JobsWait',
      expr: 'max(job_oldest_ready_seconds) > $fire',
      forMinutes: 5,
      summary: 'A job has been due for {{ $value | humanizeDuration }}: no worker takes it',
    },
  },
  /** Whether no worker has sent a heartbeat within `WORKER_LEASE_SECONDS`. A restart takes less than a minute more. */
  no_worker: {
    severity: 'critical',
    title: 'No worker runs',
    runbook: 'no-worker-runs',
    threshold: threshold(1, 1, { forSeconds: 60 }),
    measure: ({ state: { workers, jobs } }) =>
      whether(
        workers === 0 ? `No worker sends heartbeats, and ${jobs.ready ?? 0} jobs are due` : null,
        `${workers} workers send heartbeats`,
      ),
    prometheus: {
      name: 'NoWorker',
      expr: 'max(job_workers) == 0',
      forMinutes: 1,
      summary: 'No worker runs; mails and all other jobs wait',
    },
  },
  /** The jobs that have used all their attempts. */
  dead_jobs: {
    severity: 'warning',
    title: 'Jobs were given up',
    runbook: 'jobs-were-given-up',
    threshold: ANY,
    measure: ({ state }) => amount(state.jobs.failed ?? 0, 'jobs have been given up'),
    prometheus: {
      name: 'DeadJobs',
      expr: 'max(jobs{state="failed"}) > 0',
      forMinutes: 5,
      summary: '{{ $value }} jobs have been given up',
    },
  },
  /** Whether the endpoint in Stripe is missing, disabled or not subscribed. */
  endpoint_disabled: {
    severity: 'critical',
    title: 'The endpoint in Stripe does not deliver all events',
    runbook: 'the-watchdog-warns',
    threshold: ANY,
    measure: warningOf('endpoint'),
  },
  /** Whether an old webhook secret still signs. */
  old_secret_in_use: {
    severity: 'warning',
    title: 'An old webhook secret is in use',
    runbook: 'rolling-the-webhook-secret',
    threshold: ANY,
    measure: warningOf('secret_in_use'),
  },
  /** Whether the mail server refuses the login. */
  smtp_auth: {
    severity: 'critical',
    title: 'The mail server refuses our login',
    runbook: 'the-mail-channel-is-paused',
    threshold: ANY,
    measure: mailFault(LOGIN_REFUSED, 'The mail server accepts our login'),
  },
  /** Whether no TLS session with the mail server can be opened. */
  smtp_tls: {
    severity: 'critical',
    title: 'No TLS session with the mail server is possible',
    runbook: 'the-mail-channel-is-paused',
    threshold: ANY,
    measure: mailFault(NO_TLS, 'TLS with the mail server works, or is not required'),
  },
  /** Whether the mail server refuses mail because of us: sender, account, quota, reputation, authentication, relaying. */
  mail_refused: {
    severity: 'critical',
    title: 'The mail server refuses mail because of us',
    runbook: 'the-mail-channel-is-paused',
    threshold: ANY,
    measure: mailFault(MAIL_REFUSED, 'The mail server does not refuse mail because of us'),
  },
  /** The seconds for which a channel has had faults that paused it. */
  channel_down: {
    severity: 'critical',
    title: 'No message can be delivered',
    runbook: 'the-mail-channel-is-paused',
    threshold: threshold(600, 1),
    measure: ({ state }) =>
      amount(
        state.channelDownSeconds,
        'seconds since a channel had its first fault without a success in between',
      ),
    prometheus: {
      name: 'ChannelPaused',
      expr: 'max by (channel) (notification_channel_paused) == 1',
      forMinutes: 10,
      severity: 'warning',
      summary: 'The channel {{ $labels.channel }} is paused after faults',
    },
  },
  /** The used share of the fullest disk of all processes. */
  disk_full: {
    severity: 'critical',
    title: 'The disk fills up',
    runbook: 'the-disk-fills-up',
    threshold: threshold(0.9, 0.85),
    measure: ({ disk }) => disk,
  },
  /** The differences from Stripe that the newest scheduled comparison found. */
  drift_found: {
    severity: 'warning',
    title: 'Customers differ from those in Stripe',
    runbook: 'customers-differ-from-those-in-stripe-drift',
    threshold: ANY,
    measure: ({ state: { findings } }) =>
      amount(
        Object.values(findings).reduce((sum, count) => sum + count, 0),
        'differences in the newest comparison with Stripe',
      ),
    prometheus: {
      name: 'Drift',
      expr: 'max by (kind) (reconciliation_findings) > 0',
      forMinutes: 5,
      summary: 'The last comparison with Stripe found {{ $value }} {{ $labels.kind }} customers or events',
    },
  },
  /** The customers whose stored revenue the hourly comparison found to differ from their movements. */
  revenue_differs: {
    severity: 'warning',
    title: 'Revenue does not add up',
    runbook: 'revenue-does-not-add-up',
    threshold: ANY,
    measure: ({ state }) =>
      amount(state.revenueDifferences, 'customers have a revenue that is not the sum of its movements'),
    prometheus: {
      name: 'RevenueDiffers',
      expr: 'max(revenue_differences) > 0',
      forMinutes: 5,
      summary: 'The revenue of {{ $value }} customers is not the sum of its movements',
    },
  },
  /** The running experiments whose units the hourly check found not to be spread as the weights of their arms say. */
  sample_ratio_mismatch: {
    severity: 'warning',
    title: 'An experiment is not to be trusted',
    runbook: 'an-experiment-is-not-to-be-trusted',
    threshold: ANY,
    measure: ({ state }) =>
      amount(state.sampleRatioMismatches, 'experiments have units that are not spread as the weights say'),
    prometheus: {
      name: 'SampleRatioMismatch',
      expr: 'max(sample_ratio_mismatches) > 0',
      forMinutes: 5,
      summary: 'The units of {{ $value }} experiments are not spread as the weights say',
    },
  },
  /** The age of the oldest kept answer, or how long the first one has been wanted. Each is refreshed once an hour. */
  rollups_behind: {
    severity: 'warning',
    title: 'Answers to saved questions are old',
    runbook: 'answers-to-saved-questions-are-old',
    threshold: threshold(10_800, 7200),
    measure: ({ state }) =>
      amount(state.rollupsBehindSeconds, 'seconds is the age of the oldest answer to a saved question'),
    prometheus: {
      name: 'RollupsBehind',
      expr: 'max(rollups_behind_seconds) > $fire',
      forMinutes: 5,
      summary: 'The oldest answer to a saved question is {{ $value | humanizeDuration }} old',
    },
  },
  /** How long the oldest change of segments has waited for the evaluation by time, or for the lists of members. */
  segments_behind: {
    severity: 'warning',
    title: 'Segments are behind',
    runbook: 'segments-are-behind',
    threshold: threshold(60, 30),
    measure: ({ state }) =>
      amount(state.segmentsBehindSeconds, 'seconds is how long the oldest change of segments has waited'),
    prometheus: {
      name: 'SegmentsBehind',
      expr: 'max(segments_behind_seconds) > $fire',
      forMinutes: 5,
      summary: 'A change of segments has waited for {{ $value | humanizeDuration }}',
    },
  },
  /** The seconds since a training should have succeeded (26 h after the last one), or a scoring (3 h). */
  predictions_behind: {
    severity: 'warning',
    title: 'Predictions are old',
    runbook: 'predictions-are-old',
    threshold: ANY,
    measure: ({ state }) =>
      amount(state.predictionsLateSeconds, 'seconds is how late a training or a scoring of predictions is'),
    prometheus: {
      name: 'PredictionsBehind',
      expr: 'max(predictions_late_seconds) > 0',
      forMinutes: 5,
      summary: 'A training or a scoring of predictions is late by {{ $value | humanizeDuration }}',
    },
  },
  /** The greatest population stability index of a feature, between the training and the present customers. */
  prediction_drift: {
    severity: 'warning',
    title: 'Customers differ from those that a prediction was trained on',
    runbook: 'customers-differ-from-those-of-the-training-drift',
    threshold: threshold(0.2, 0.15),
    measure: ({ state }) => drift(state.predictionDrifts),
    prometheus: {
      name: 'PredictionDrift',
      expr: 'max by (target) (prediction_drift) > $fire',
      forMinutes: 5,
      summary: 'Features of the prediction {{ $labels.target }} have moved by {{ $value }}',
    },
  },
} as const satisfies Record<string, AlertDeclaration>;
