/** Every background task with the shape of its payload. Handlers receive arrays of these. */
export interface JobPayloads {
  'deliver-notification': { notificationId: string };
  'track-customer-created': {
    stripeEventId: string;
    customerId: string;
    userId: string;
    occurredAt: string;
    properties: Record<string, unknown>;
    source: string;
  };
  'forward-analytics': { analyticsEventId: string };
  'resolve-pending-events': { userId: string };
  'decide-waiting-events': { stripeEventId: string };
  'fetch-stripe-object': { stripeEventId: string };
  'replay-events': { replayId: string };
  'purge-event-bodies': object;
  'purge-expired-rows': object;
  'start-reconciliation': object;
  reconcile: { reconciliationId: string };
  'refresh-customer': { stripeEventId: string };
  'run-watchdog': object;
  'send-portal-link': { email: string };
  'forget-events': { stripeCustomerId: string; isKnown: boolean };
  'keep-house': object;
  'seal-audit': object;
}

export type JobTask = keyof JobPayloads;

/** All tasks: boot fails unless each has exactly one handler. */
export const JOB_TASKS: readonly JobTask[] = [
  'deliver-notification',
  'track-customer-created',
  'forward-analytics',
  'resolve-pending-events',
  'decide-waiting-events',
  'fetch-stripe-object',
  'replay-events',
  'purge-event-bodies',
  'purge-expired-rows',
  'start-reconciliation',
  'reconcile',
  'refresh-customer',
  'run-watchdog',
  'send-portal-link',
  'forget-events',
  'keep-house',
  'seal-audit',
];
