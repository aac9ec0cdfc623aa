import { Injectable } from '@nestjs/common';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { AnalyticsSettings } from './analytics.settings.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { acquisitionOf } from '../events/customers/acquisition.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';

@Injectable()
export class AnalyticsListener {
  constructor(private readonly settings: AnalyticsSettings) {}

  /** Tracking is a job, so that its failure never affects the customer. */
  @OnFact(CustomerCreated)
  enqueueTracking(created: CustomerCreated, unit: UnitOfWork): void {
    if (!this.settings.enabled) return;
    const { customerId, customer, user, origin, occurredAt } = created;
    const { source, campaign, referrer, utm } = acquisitionOf(customer.metadata);
    unit.enqueue('track-customer-created', {
      customerId,
      userId: user.id,
      stripeEventId: origin.stripeEventId,
      occurredAt,
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

  /** The daily counts stay: they hold no personal data. */
  @OnFact(CustomerErased)
  eraseCustomer({ customerId }: CustomerErased, unit: UnitOfWork): void {
    unit.execute(ERASE, { customerId });
  }
}

const ERASE = `
  delete from analytics_events using json_to_recordset($1::json) as erased ("customerId" uuid)
  where customer_id = "customerId"`;
