import { aCustomer, anEvent } from '../builders.js';
import { makeEverythingDue } from '../jobs.js';
import type { TestApp } from '../test-app.js';
import type { TestDatabase } from '../database/test-database.js';
import { waitFor } from '../wait-for.js';

/** A notification as the admin API shows it. */
export interface NotificationView {
  id: string;
  status: string;
  reason: string | null;
  attempts: number;
  nextAttemptAt: string | null;
  attemptLog: {
    outcome: string;
    smtpCode: number | null;
    enhancedCode: string | null;
    errorCode: string | null;
    phase: string | null;
  }[];
}

/** Onboards a customer with one message per kind. */
export async function onboard(
  service: TestApp,
  email?: string,
): Promise<{ id: string; userId: string; email: string }> {
  const { id: userId, metadata } = await service.createUser();
  const customer = aCustomer({ metadata, ...(email ? { email } : {}) });
  await service.deliver(anEvent(customer));
  return { id: customer.id, userId, email: customer.email };
}

/** Waits until the condition holds for each of the customer's notifications. */
export function waitForEach(
  service: TestApp,
  customer: { id: string },
  what: string,
  holds: (notification: NotificationView) => boolean,
): Promise<NotificationView[]> {
  return waitFor(what, async () => {
    const { status, body } = await service.admin(`customers/${customer.id}`);
    if (status !== 200) return null;
    const notifications: NotificationView[] = body.notifications;
    return notifications.length === 3 && notifications.every(holds) ? notifications : null;
  });
}

/**
 * Makes everything due until all notifications of the customer are sent: a recovering channel sends one at a
 * time.
 */
export function waitUntilSent(service: TestApp, customer: { id: string }): Promise<NotificationView[]> {
  return waitFor('each sent', async () => {
    await makeEverythingDue(service.database);
    const { body } = await service.admin(`customers/${customer.id}`);
    return body.notifications.every(isSent) ? (body.notifications as NotificationView[]) : null;
  });
}

export const isSent = ({ status }: NotificationView) => status === 'sent';
export const hasEnded = ({ status }: NotificationView) => status !== 'queued';
export const isPostponed = ({ nextAttemptAt }: NotificationView) =>
  Date.parse(nextAttemptAt ?? '') > Date.now();

/** Stores one event in each of the last hours. */
export async function anEventInEachHour(database: TestDatabase, hours: number): Promise<void> {
  await database.rows(
    `insert into webhook_events (id, stripe_event_id, type, outcome, received_at, decided_at)
     select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid,
       'evt_' || n, 'plan.created', 'ignored', at, at
     from generate_series(0, $1::int - 1) n, lateral (select now() - n * interval '1 hour' as at) hour`,
    [hours],
  );
}
