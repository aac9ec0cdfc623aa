import { Injectable } from '@nestjs/common';
import { CustomerCreated } from '../../../events/customers/customer-created.event.js';
import { NotificationOperated } from '../../../events/notification-facts.event.js';
import { WebhookEventRedecided } from '../../../events/webhooks/webhook-event-redecided.event.js';
import type { UnitOfWork } from '../../../platform/unit-of-work/unit-of-work.js';
import { isFailedCreation, type MendedName } from './signals.js';
import { OnFact } from '../../../platform/facts/on-fact.decorator.js';

/**
 * Removes repaired failures from the rates of alerts. It does so in the transaction of the repair, and for
 * the time when the failure was counted, so that a repair hides no present failure.
 */
@Injectable()
export class MendedFailuresListener {
  /** If the customer exists already, another event has set it up and counted the repair. */
  @OnFact(WebhookEventRedecided)
  mendCreation({ type, outcomes, firstDecidedAt }: WebhookEventRedecided, unit: UnitOfWork): void {
    if (!isFailedCreation(type, outcomes.before) || isFailedCreation(type, outcomes.after)) return;
    if (EXISTED.has(outcomes.after)) return;
    countMended('creations_mended', firstDecidedAt, unit);
  }

  /**
   * A customer whose creation had failed was set up by another event, such as an update. Creation events are
   * left out: nearly all are the first event about their customer, and each would cost a query.
   */
  @OnFact(CustomerCreated)
  mendEarlierCreation({ customer, origin }: CustomerCreated, unit: UnitOfWork): void {
    if (origin.type === 'customer.created') return;
    const { stripeCustomerId: stripe_customer_id } = customer;
    unit.execute(COUNT_EARLIER_MENDED, { stripe_customer_id, stripe_event_id: origin.stripeEventId });
  }

  /**
   * A notification that is sent again is counted again when it ends. A bounce was not counted as a failure.
   */
  @OnFact(NotificationOperated)
  mendNotification({ act, notification, changedBefore }: NotificationOperated, unit: UnitOfWork): void {
    const { statusBefore, reasonBefore } = notification;
    if (act !== 'resent' || statusBefore !== 'failed' || reasonBefore === 'bounced') return;
    countMended('notifications_mended', changedBefore, unit);
  }
}

const EXISTED: ReadonlySet<string> = new Set(['duplicate', 'updated', 'stale']);

function countMended(name: MendedName, failedAt: string, unit: UnitOfWork): void {
  unit.execute(COUNT_MENDED, { name, failed_at: failedAt });
}

/**
 * Processes record their counts within ten seconds, so a failure may be in the minute after it happened. Its
 * repair is always put in that later minute, so that it does not leave the window before the failure.
 */
const COUNT_MENDED = `
  insert into signal_counts as s (name, minute, count)
  select name, date_trunc('minute', failed_at) + interval '1 minute', count(*)
  from json_to_recordset($1::json) as mended (name text, failed_at timestamptz)
  group by 1, 2 order by 1, 2
  on conflict (name, minute) do update set count = s.count + excluded.count`;

const COUNT_EARLIER_MENDED = `
  insert into signal_counts as s (name, minute, count)
  select 'creations_mended', date_trunc('minute', coalesce(first_decided_at, decided_at)) + interval '1 minute', count(*)
  from json_to_recordset($1::json) as made (stripe_customer_id text, stripe_event_id text)
  join webhook_events as failed on failed.customer_id is null
    and failed.stripe_customer_id = made.stripe_customer_id and failed.stripe_event_id <> made.stripe_event_id
    and failed.type in ('customer.created', 'v1.customer.created') and failed.outcome in ('rejected', 'unmatched')
  group by 2 order by 2
  on conflict (name, minute) do update set count = s.count + excluded.count`;
