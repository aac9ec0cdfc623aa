import { Injectable } from '@nestjs/common';
import type { JobPayloads } from '../events/job-tasks.js';
import { StageChanged } from '../events/lifecycle/stage-changed.event.js';
import { InvoiceChanged } from '../events/subscriptions/invoice-changed.event.js';
import { MrrMoved } from '../events/subscriptions/mrr-moved.event.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { AnalyticsSettings } from './analytics.settings.js';

type Tracked = JobPayloads['track-billing']['events'][number];

/** Tracks payments, movements of the revenue and changes of stage, with one job for all that an event of Stripe caused. */
@Injectable()
export class BillingAnalyticsListener {
  private readonly jobs = new WeakMap<UnitOfWork, Tracked[]>();

  constructor(private readonly settings: AnalyticsSettings) {}

  @OnFact(InvoiceChanged)
  trackPayment({ customer, invoice, origin, occurredAt }: InvoiceChanged, unit: UnitOfWork): void {
    const { stripeInvoiceId, status, currency, amountPaidMinor, amountDueMinor, isPaymentFailed } = invoice;
    const isPaid = status === 'paid' && amountPaidMinor > 0;
    if (!isPaid && !isPaymentFailed) return;
    const [name, amountMinor] = isPaid
      ? ['payment_succeeded', amountPaidMinor]
      : ['payment_failed', amountDueMinor];
    const properties = { stripeInvoiceId, currency, amountMinor };
    this.track(customer.customerId, origin.stripeEventId, { name, occurredAt, properties }, unit);
  }

  @OnFact(MrrMoved)
  trackMovement({ customerId, movement, occurredAt, stripeEventId }: MrrMoved, unit: UnitOfWork): void {
    const { kind, currency, beforeMinor, afterMinor } = movement;
    const properties = { currency, beforeMinor, afterMinor };
    this.track(customerId, stripeEventId, { name: `mrr_${kind}`, occurredAt, properties }, unit);
  }

  @OnFact(StageChanged)
  trackStage({ customerId, stages, occurredAt, stripeEventId }: StageChanged, unit: UnitOfWork): void {
    const tracked = { name: `stage_${stages.to}`, occurredAt, properties: { from: stages.from } };
    this.track(customerId, stripeEventId, tracked, unit);
  }

  /** @param stripeEventId null where an erasure is the cause, which is not tracked */
  private track(customerId: string, stripeEventId: string | null, tracked: Tracked, unit: UnitOfWork): void {
    if (!this.settings.enabled || stripeEventId === null) return;
    const events = this.jobs.get(unit);
    if (events) {
      events.push(tracked);
      return;
    }
    const begun = [tracked];
    this.jobs.set(unit, begun);
    unit.enqueue('track-billing', { customerId, stripeEventId, events: begun });
  }
}
