import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { EventHandlers } from './event-handlers.service.js';
import { CheckoutHandler } from './handlers/billing/checkout.handler.js';
import { DisputeHandler } from './handlers/billing/dispute.handler.js';
import { InvoiceHandler } from './handlers/billing/invoice.handler.js';
import { RefundHandler } from './handlers/billing/refund.handler.js';
import { SubscriptionHandler } from './handlers/billing/subscription.handler.js';
import { CustomerCreatedHandler } from './handlers/customer-created.handler.js';
import { CustomerDeletedHandler } from './handlers/customer-deleted.handler.js';
import { CustomerUpdatedHandler } from './handlers/customer-updated.handler.js';
import { EventGenerationFailureHandler } from './handlers/event-generation-failure.handler.js';
import { ListedCustomerHandler } from './handlers/listed-customer.handler.js';
import { ThinCustomerHandler } from './handlers/thin-customer.handler.js';

/** The handlers of Stripe's events. They are pure and do no I/O. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    EventHandlers,
    CustomerCreatedHandler,
    CustomerUpdatedHandler,
    CustomerDeletedHandler,
    ThinCustomerHandler,
    EventGenerationFailureHandler,
    ListedCustomerHandler,
    SubscriptionHandler,
    InvoiceHandler,
    DisputeHandler,
    CheckoutHandler,
    RefundHandler,
  ],
  exports: [EventHandlers],
})
export class DecisionModule {}
