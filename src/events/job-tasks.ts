import type { PredictionTarget } from './prediction-targets.js';

/** The payload's type of a job that the application adds; handlers receive arrays of it. */
const payload = <P extends object>() => null as unknown as P;

/** Marks the jobs that the clock adds. */
const BY_CLOCK = 'by clock';

/** A job that the clock adds, without a payload. Its handler declares the schedule. */
const byClock = BY_CLOCK as never;

/** Every background job. Boot fails unless each one has exactly one handler (`@JobHandler`). */
export const JOBS = {
  'deliver-notification': payload<{ notificationId: string }>(),
  'track-customer-created': payload<{
    stripeEventId: string;
    customerId: string;
    userId: string;
    occurredAt: string;
    properties: Record<string, unknown>;
    source: string;
  }>(),
  'track-billing': payload<{
    stripeEventId: string;
    customerId: string;
    events: { name: string; occurredAt: string; properties: Record<string, unknown> }[];
  }>(),
  'forward-analytics': payload<{ analyticsEventId: string }>(),
  'resolve-pending-events': payload<{ userId: string }>(),
  'decide-waiting-events': payload<{ stripeEventId: string }>(),
  'fetch-stripe-object': payload<{ stripeEventId: string }>(),
  'refresh-customer': payload<{ stripeEventId: string }>(),
  'merge-milestones': payload<{ userId: string }>(),
  'replay-events': payload<{ replayId: string }>(),
  reconcile: payload<{ reconciliationId: string }>(),
  'send-portal-link': payload<{ email: string }>(),
  'forget-events': payload<{ stripeCustomerId: string; isKnown: boolean }>(),
  'attach-behaviour': payload<{ personId: string }>(),
  'empty-behaviour': payload<Record<string, never>>(),
  'fill-segment': payload<{ versionId: number }>(),
  'train-prediction': payload<{ target: PredictionTarget; by: string | null }>(),
  'backfill-connector': payload<{ backfillId: string }>(),
  'change-deliveries': payload<{
    act: 'resend' | 'cancel';
    filter: { status: string; connector?: string; reason?: string; kind?: string; stripeCustomerId?: string };
    before: string;
  }>(),
  'start-reconciliation': byClock,
  'run-watchdog': byClock,
  'keep-house': byClock,
  'check-revenue': byClock,
  'check-sample-ratios': byClock,
  'count-experiments': byClock,
  'keep-behaviour-months': byClock,
  'refresh-rollups': byClock,
  'train-predictions': byClock,
  'score-customers': byClock,
  'start-due-automations': byClock,
  'seal-audit': byClock,
  'purge-event-bodies': byClock,
  'purge-experiment-units': byClock,
  'purge-deliveries': byClock,
  'purge-expired-rows': byClock,
};

export type JobPayloads = typeof JOBS;
export type JobTask = keyof JobPayloads;

/** Whether the clock adds the job. */
export const isScheduled = (task: JobTask): boolean => (JOBS[task] as unknown) === BY_CLOCK;
