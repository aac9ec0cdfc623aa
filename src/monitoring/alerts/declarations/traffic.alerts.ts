import { type AlertDeclaration, threshold } from './alert-declaration.js';
import { amount, share } from './measurement.js';

const NEW_CUSTOMERS = 'type=~"customer.created|v1.customer.created"';
const FAILED_CREATIONS = `sum(increase(webhook_events_total{outcome=~"rejected|unmatched", ${NEW_CUSTOMERS}}[10m]))`;
const CREATIONS = `sum(increase(webhook_events_total{outcome!~"redelivered|fetching", ${NEW_CUSTOMERS}}[10m]))`;

const endedNotifications = (status: string) =>
  `sum by (channel) (increase(notifications_ended_total{status${status}}[30m]))`;
const FAILED_NOTIFICATIONS = endedNotifications('="failed"');

/** Alerts about the set-up of customers and the delivery of messages. */
export const TRAFFIC_ALERTS = {
  /** The share of the new customers of the last hour that were not created. */
  high_error_rate: {
    severity: 'critical',
    title: 'New customers are not created',
    runbook: 'customers-are-not-created-high-error-rate',
    threshold: threshold(0.1, 0.05, { forSeconds: 60, clearSeconds: 300 }),
    measure: ({ signals: { 60: hour } }) =>
      share(
        hour.creations_failed - hour.creations_mended,
        hour.creations,
        'new customers of the last hour were not created',
      ),
    prometheus: {
      name: 'HighErrorRate',
      expr: `${FAILED_CREATIONS}\n/ ${CREATIONS} > $fire\nand ${FAILED_CREATIONS} >= 3`,
      forMinutes: 1,
      summary: '{{ $value | humanizePercentage }} of the new customers are not created',
    },
  },
  /** The share of the notifications that ended in the last hour and failed. */
  notification_failures: {
    severity: 'critical',
    title: 'Notifications fail',
    runbook: 'emails-do-not-arrive-notification-failures',
    threshold: threshold(0.1, 0.05, { forSeconds: 60, clearSeconds: 300 }),
    measure: ({ signals: { 60: hour } }) =>
      share(
        hour.notifications_failed - hour.notifications_mended,
        hour.notifications_ended - hour.notifications_mended,
        'notifications of the last hour failed',
      ),
    prometheus: {
      name: 'NotificationFailures',
      expr: `${FAILED_NOTIFICATIONS}\n/ ${endedNotifications('=~"sent|failed"')} > $fire\nand ${FAILED_NOTIFICATIONS} >= 3`,
      forMinutes: 10,
      summary: '{{ $value | humanizePercentage }} of the notifications by {{ $labels.channel }} fail',
    },
  },
  /** The share of the events of the last ten minutes that took more than 2.5 s. */
  processing_timeouts: {
    severity: 'warning',
    title: 'Events are processed slowly',
    runbook: '503-and-slow-answers-processing-timeouts',
    threshold: threshold(0.05, 0.02, { forSeconds: 60, clearSeconds: 120 }),
    measure: ({ signals: { 10: sums } }) =>
      share(
        sums.events - sums.events_fast,
        sums.events,
        'events of the last 10 minutes took more than 2.5 s',
      ),
    prometheus: {
      name: 'ProcessingSlow',
      expr: 'histogram_quantile(0.95, sum by (le) (rate(webhook_processing_seconds_bucket[10m]))) > 2.5',
      forMinutes: 10,
      summary: 'The slowest 5 % of the events take {{ $value | humanizeDuration }}',
    },
  },
  /** The deliveries of the last five minutes that were answered 503. */
  database_connections: {
    severity: 'critical',
    title: 'Webhook deliveries are answered with 503',
    runbook: '503-and-slow-answers-processing-timeouts',
    threshold: threshold(5, 1),
    measure: ({ signals }) =>
      amount(signals[5].unavailable, 'deliveries were answered 503 in the last 5 minutes'),
    prometheus: {
      name: 'Unavailable',
      expr: 'sum(rate(webhook_refused_total{reason="unavailable"}[5m])) > 0',
      forMinutes: 5,
      summary: 'Deliveries have been answered 503 for five minutes',
    },
  },
  /** The seconds for which a process has not been able to write to the database. `DatabaseOutage` measures them. */
  database_down: {
    severity: 'critical',
    title: 'The database cannot be written to',
    runbook: 'the-database-is-away-connection-issues',
    threshold: threshold(30, 1),
    measure: () => undefined,
    prometheus: {
      name: 'DatabaseDown',
      expr: 'max(database_up) == 0',
      forMinutes: 1,
      summary: 'No process reaches the database; Stripe gets 503 and delivers again',
    },
  },
} as const satisfies Record<string, AlertDeclaration>;
