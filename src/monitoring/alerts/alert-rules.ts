import type { AlertName } from '../../platform/config/alert-thresholds.js';

/** What people are told of an alert. Its numbers are in `ALERT_THRESHOLDS`. */
export interface AlertRule {
  readonly severity: 'critical' | 'warning';
  readonly title: string;
  /** Section of docs/runbook.md. */
  readonly runbook: string;
}

export const ALERT_RULES: Record<AlertName, AlertRule> = {
  high_error_rate: {
    severity: 'critical',
    title: 'New customers are not created',
    runbook: 'customers-are-not-created-high-error-rate',
  },
  notification_failures: {
    severity: 'critical',
    title: 'Notifications fail',
    runbook: 'emails-do-not-arrive-notification-failures',
  },
  processing_timeouts: {
    severity: 'warning',
    title: 'Events are processed slowly',
    runbook: '503-and-slow-answers-processing-timeouts',
  },
  database_connections: {
    severity: 'critical',
    title: 'Deliveries are answered 503',
    runbook: '503-and-slow-answers-processing-timeouts',
  },
  database_down: {
    severity: 'critical',
    title: 'The database takes no writes',
    runbook: 'the-database-is-away-connection-issues',
  },
  silence: { severity: 'warning', title: 'It is unusually quiet', runbook: 'the-watchdog-warns' },
  event_missing: {
    severity: 'warning',
    title: 'An event of Stripe is missing',
    runbook: 'the-watchdog-warns',
  },
  signature_failures: {
    severity: 'warning',
    title: 'Signatures are refused',
    runbook: 'stripe-says-deliveries-fail-400',
  },
  oldest_unprocessed: {
    severity: 'critical',
    title: 'Work waits',
    runbook: 'work-waits-oldest-unprocessed',
  },
  dead_jobs: { severity: 'warning', title: 'Jobs were given up', runbook: 'jobs-were-given-up' },
  endpoint_disabled: {
    severity: 'critical',
    title: 'The endpoint in Stripe does not deliver all events',
    runbook: 'the-watchdog-warns',
  },
  old_secret_in_use: {
    severity: 'warning',
    title: 'An old webhook secret is in use',
    runbook: 'rolling-the-webhook-secret',
  },
  smtp_auth: {
    severity: 'critical',
    title: 'The mail server does not let us in',
    runbook: 'the-mail-channel-is-paused',
  },
  channel_down: {
    severity: 'critical',
    title: 'No message gets through',
    runbook: 'the-mail-channel-is-paused',
  },
  disk_full: { severity: 'critical', title: 'The disk fills up', runbook: 'the-disk-fills-up' },
  drift_found: {
    severity: 'warning',
    title: 'Customers differ from those in Stripe',
    runbook: 'customers-differ-from-those-in-stripe-drift',
  },
};
