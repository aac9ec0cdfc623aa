/** A metric. `labels` describes the values of each label, which are few and never personal data. */
export interface MetricDefinition {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels?: Readonly<Record<string, string>>;
  /** Upper bounds of a histogram, in the unit that the name ends with. */
  buckets?: readonly number[];
}

/**
 * All metrics of the service. The metrics (`metrics.ts`) and the dashboard (`npm run dashboard`) are made
 * from this list, so no unknown metric can be used.
 */
export const METRICS = {
  webhook_events_total: {
    type: 'counter',
    help: 'Committed events by handled type and first outcome; later decisions are not counted',
    labels: { type: 'types with a handler, else `other`', outcome: 'as in the inbox, or `redelivered`' },
  },
  webhook_event_redecisions_total: {
    type: 'counter',
    help: 'Events decided again (replayed, linked, or after the arrival of their user) by handled type and new outcome',
    labels: { type: 'types with a handler, else `other`', outcome: 'as in the inbox' },
  },
  webhook_event_errors_total: {
    type: 'counter',
    help: 'Committed events without an effect, by cause',
    labels: { code: '`missing_required_fields`, `no_user_id`, `user_not_found`, …' },
  },
  webhook_refused_total: {
    type: 'counter',
    help: 'Requests answered without storing anything',
    labels: { reason: '`not_an_event` (400), `unavailable` (503)' },
  },
  webhook_signature_failures_total: {
    type: 'counter',
    help: 'Refused signatures by cause',
    labels: { cause: '`missing`, `malformed`, `mismatch`, `too_old`, `in_the_future`' },
  },
  webhook_secret_matches_total: {
    type: 'counter',
    help: 'Accepted signatures by position of the matching secret (1 is the first)',
    labels: { position: '1 and the number of secrets' },
  },
  webhook_processing_seconds: {
    type: 'histogram',
    help: 'From the verified signature to the commit, of events that were committed',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  webhook_event_age_seconds: {
    type: 'histogram',
    help: "From Stripe's creation of an event (whole seconds for snapshot events) to its commit, redeliveries left out",
    buckets: [1, 2, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400, 259_200],
  },
  webhook_batch_events: {
    type: 'histogram',
    help: 'Events per transaction',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  },
  webhook_batch_seconds: {
    type: 'histogram',
    help: 'From taking a batch to its commit',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  webhook_waiting_events: { type: 'gauge', help: 'Events waiting for a transaction' },
  webhook_open_events: {
    type: 'gauge',
    help: 'Stored events that are not decided finally, 10,000 of each at most; the same in every process',
    labels: { outcome: '`fetching`, `pending_user`, `pending_customer`, `unmatched`' },
  },
  webhook_oldest_fetching_seconds: {
    type: 'gauge',
    help: 'Age of the oldest thin event whose object has not been fetched; the same in every process',
  },
  watchdog_check_ok: {
    type: 'gauge',
    help: 'The state of each check of the watchdog: 1 ok, 0 warning; missing while unknown',
    labels: { check: '`endpoint`, `newest_event`, `silence`, `secret_in_use`' },
  },
  revenue_differences: {
    type: 'gauge',
    help: 'Customers whose revenue is not the sum of its movements, by the newest hourly comparison; the same in every process',
  },
  sample_ratio_mismatches: {
    type: 'gauge',
    help: 'Running experiments whose units are not spread as the weights say, by the newest hourly check; the same in every process',
  },
  rollups_behind_seconds: {
    type: 'gauge',
    help: 'Age of the oldest kept answer to a saved question; the same in every process',
  },
  segments_behind_seconds: {
    type: 'gauge',
    help: 'How long the oldest change of segments that is due or not yet in the lists has waited; the same in every process',
  },
  experiments_running: {
    type: 'gauge',
    help: 'Experiments that assign arms; the same in every process',
  },
  predictions_late_seconds: {
    type: 'gauge',
    help: 'By how long the training (26 h) or the scoring (3 h) of a prediction is late; the same in every process',
  },
  prediction_drift: {
    type: 'gauge',
    help: 'The greatest population stability index of a feature since the training; the same in every process',
    labels: { target: '`activates`, `pays`, `churns`' },
  },
  reconciliation_findings: {
    type: 'gauge',
    help: 'Differences from Stripe that the newest scheduled comparison found; the same in every process',
    labels: { kind: '`missing`, `extra`, `different`' },
  },
  notification_attempts_total: {
    type: 'counter',
    help: 'Attempts to hand a notification over, by kind, channel and outcome',
    labels: {
      kind: 'kinds of notification',
      channel: '`email`, `in_app`',
      outcome: '`accepted`, `refused`, …',
    },
  },
  notification_attempt_seconds: {
    type: 'histogram',
    help: 'Duration of an attempt to hand a notification over',
    labels: { channel: '`email`, `in_app`' },
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  notifications_ended_total: {
    type: 'counter',
    help: 'Notifications whose delivery has ended',
    labels: {
      kind: 'kinds of notification',
      channel: '`email`, `in_app`',
      status: '`sent`, `failed`, `suppressed`, `held`',
    },
  },
  notification_channel_paused: {
    type: 'gauge',
    help: 'Whether a channel that has had faults is paused, or was within ten minutes: 1 or 0; the same in every process',
    labels: { channel: '`email`, `in_app`; missing without faults' },
  },
  mail_caps_reached_total: {
    type: 'counter',
    help: 'Mails postponed because a recipient or a domain had reached its limit, by cap',
    labels: { cap: '`recipient_cap`, `domain_cap`' },
  },
  template_override_failures_total: {
    type: 'counter',
    help: 'Messages sent with the built-in content because the override could not be rendered',
    labels: { kind: 'kinds of notification', language: 'languages of messages' },
  },
  behaviour_events_total: {
    type: 'counter',
    help: 'Events of the collector that were stored',
    labels: { type: '`track`, `identify`, `page`, `screen`, `group`, `alias`' },
  },
  behaviour_events_duplicate_total: {
    type: 'counter',
    help: 'Events of the collector that were stored already',
  },
  behaviour_events_refused_total: {
    type: 'counter',
    help: 'Events of the collector that were refused, by code',
    labels: { code: '`identity_missing`, `name_reserved`, `time_in_the_future`, …' },
  },
  behaviour_events_waiting: {
    type: 'gauge',
    help: 'Events of which only an anonymous id is known, 10,000 at most; the same in every process',
  },
  requests_refused_total: {
    type: 'counter',
    help: 'Requests that needed a key and were refused, by reason',
    labels: { reason: '`missing`, `wrong`, `expired`, `revoked`, `role`, `bootstrap_key`, `too_many`' },
  },
  jobs: {
    type: 'gauge',
    help: 'Jobs in the queue; the same in every process',
    labels: {
      state:
        '`ready` (due), `scheduled`, `retrying` (failed, to be tried again), `running`, `failed` (given up)',
    },
  },
  job_oldest_ready_seconds: {
    type: 'gauge',
    help: 'For how long the oldest due job has been waiting; the same in every process',
  },
  job_workers: {
    type: 'gauge',
    help: 'Workers that have sent a heartbeat within WORKER_LEASE_SECONDS; the same in every process',
  },
  job_runs_total: {
    type: 'counter',
    help: 'Runs of jobs in this process',
    labels: { task: 'tasks', outcome: '`done`, `failed`, `split`, `taken_over`' },
  },
  job_run_seconds: {
    type: 'histogram',
    help: 'Duration of a run of a job',
    labels: { task: 'tasks' },
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  database_up: { type: 'gauge', help: 'Whether the database answered the query behind these gauges' },
  database_pool_connections: {
    type: 'gauge',
    help: 'Connections of each pool in this process',
    labels: { pool: '`intake`, `general`, `jobs`', state: '`busy`, `idle`' },
  },
  database_pool_waiting: {
    type: 'gauge',
    help: 'Requests that wait for a connection of a pool',
    labels: { pool: '`intake`, `general`, `jobs`' },
  },
  database_pool_max: {
    type: 'gauge',
    help: 'Connections that a pool may open',
    labels: { pool: '`intake`, `general`, `jobs`' },
  },
  alert_firing: {
    type: 'gauge',
    help: 'Whether a built-in alert fires: 1 or 0; the same in every process',
    labels: { alert: '`high_error_rate`, `notification_failures`, …' },
  },
  log_lines_lost_total: { type: 'counter', help: 'Log lines that standard output did not accept' },
  mingus_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels name the running version',
    labels: { version: 'of this service', commit: '`BUILD_COMMIT`, else `unknown`', node: 'version of Node' },
  },
  outbox_behind_seconds: {
    type: 'gauge',
    help: 'How long the oldest fact has waited for connectors or automations to read it from the outbox',
  },
  connector_paused: {
    type: 'gauge',
    help: '1 while a connector is paused after faults',
    labels: { connector: 'name of the connector' },
  },
  connector_behind_seconds: {
    type: 'gauge',
    help: 'How long the oldest delivery that is due has waited, backfills and connectors at their cap left out',
    labels: { connector: 'name of the connector' },
  },
  connector_undelivered: {
    type: 'gauge',
    help: 'Deliveries that were rejected within 24 hours, and those that are held',
    labels: { connector: 'name of the connector', status: '`rejected` or `held`' },
  },
  connector_erasures_unsettled: {
    type: 'gauge',
    help: 'Erasures of persons that a system has refused, or has not done within 24 hours',
  },
  automations_behind_seconds: {
    type: 'gauge',
    help: 'How long the oldest run of an enabled automation has been due',
  },
  automation_runs: {
    type: 'gauge',
    help: 'Runs of automations that are under way',
    labels: { state: '`running` or `waiting`' },
  },
  automation_failures: {
    type: 'gauge',
    help: 'Runs of automations that failed within 24 hours',
  },
  connector_deliveries_total: {
    type: 'counter',
    help: 'Attempts to deliver to connectors, by result; a delivery that was not to be sent counts as well',
    labels: {
      connector: 'name of the connector',
      result:
        '`accepted`, `unchanged`, `rejected`, `retry`, `unknown`, `auth`, `quota`, `all_refused`, `unsendable`, `held` or `cancelled`',
    },
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

/** The metrics of prom-client (event loop, memory, CPU) that the dashboard and the alerts use. */
export const RUNTIME_METRICS = [
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_heap_size_used_bytes',
  'process_cpu_seconds_total',
  'process_open_fds',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
] as const;
