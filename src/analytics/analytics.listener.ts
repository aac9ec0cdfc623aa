import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { AppConfig } from '../platform/config/app-config.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { acquisitionOf } from './acquisition.js';

@Injectable()
export class AnalyticsListener {
  constructor(private readonly config: AppConfig) {}

  /** Tracking is a job of its own, so that its failure never touches the customer. */
  @OnEvent(CustomerCreated.eventName, { suppressErrors: false })
  enqueueTracking({ customerId, customer, user, origin }: CustomerCreated, unit: UnitOfWork): void {
    if (!this.config.analytics.enabled) return;
    const { source, campaign, referrer, utm } = acquisitionOf(customer.metadata);
    unit.enqueue('track-customer-created', {
      customerId,
      userId: user.id,
      stripeEventId: origin.stripeEventId,
      occurredAt: origin.stripeCreatedAt ?? origin.receivedAt,
      source,
      properties: {
        creationMethod: origin.creationMethod,
        livemode: customer.livemode,
        campaign,
        referrer,
        utm,
        user: { createdAt: user.createdAt },
        country: customer.address?.country ?? null,
        currency: customer.currency,
        locale: customer.preferredLocales[0] ?? null,
      },
    });
  }

  /** What was counted by day stays: it is about nobody. */
  @OnEvent(CustomerErased.eventName, { suppressErrors: false })
  forget({ customerId }: CustomerErased, unit: UnitOfWork): void {
    unit.execute(FORGET, { customerId });
  }
}

const FORGET = `
  delete from analytics_events using json_to_recordset($1::json) as erased ("customerId" uuid)
  where customer_id = "customerId"`;
