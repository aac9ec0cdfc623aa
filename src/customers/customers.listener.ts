import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { CustomerLinked, CustomerUnlinked } from '../events/customers/customer-links.event.js';
import { CustomerUpdated } from '../events/customers/customer-updated.event.js';
import { MessageChoicesChanged } from '../events/notification-facts.event.js';
import { AppConfig } from '../platform/config/app-config.js';
import type { StripeCustomer } from '../events/stripe-customer.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { DEFAULT_NOTIFICATIONS, localeOf, timezoneOf } from './customer-defaults.js';
import { CustomerPreferences } from './customer-preferences.entity.js';
import { Customer } from './customer.entity.js';

@Injectable()
export class CustomersListener {
  constructor(private readonly config: AppConfig) {}

  @OnEvent(CustomerCreated.eventName, { suppressErrors: false })
  recordCustomer({ customerId, customer, user, origin }: CustomerCreated, unit: UnitOfWork): void {
    const now = new Date();
    unit.insert(Customer, {
      ...customer,
      id: customerId,
      userId: user.id,
      stripeEventId: origin.stripeEventId,
      account: origin.account,
      stripeCreatedAt: toDate(customer.stripeCreatedAt),
      stateAt: new Date(origin.stateAt),
      stateToldBy: origin.stateToldBy,
      deletedAt: null,
      erasedAt: null,
      createdAt: now,
      updatedAt: now,
    });
    unit.reportChange(`Created customer: ${customer.email}`);
    unit.reportChange(`Stripe Customer ID: ${customer.stripeCustomerId}`);
    if (customer.name) unit.reportChange(`Customer Name: ${customer.name}`);
  }

  @OnEvent(CustomerCreated.eventName, { suppressErrors: false })
  initialisePreferences({ customerId, customer }: CustomerCreated, unit: UnitOfWork): void {
    const now = new Date();
    unit.insert(CustomerPreferences, {
      customerId,
      notifications: DEFAULT_NOTIFICATIONS,
      currency: customer.currency ?? this.config.stripe.accountCurrency,
      invoiceDelivery: 'email',
      ...this.defaultsFor(customer),
      metadata: {},
      createdAt: now,
      updatedAt: now,
    });
  }

  @OnEvent(CustomerUpdated.eventName, { suppressErrors: false })
  updateCustomer({ customerId, customer, before, origin }: CustomerUpdated, unit: UnitOfWork): void {
    const { stripeCustomerId: _id, livemode: _mode, ...fields } = customer;
    unit.updateOne(
      Customer,
      { id: customerId, stateAt: new Date(before.stateAt) },
      {
        ...fields,
        stripeCreatedAt: toDate(customer.stripeCreatedAt),
        stateAt: new Date(origin.stateAt),
        stateToldBy: origin.stateToldBy,
        updatedAt: new Date(),
      },
    );
  }

  /** Preferences are the person's own. Until they have changed any, ours follow what Stripe tells. */
  @OnEvent(CustomerUpdated.eventName, { suppressErrors: false })
  followDefaults({ customerId, customer, changes }: CustomerUpdated, unit: UnitOfWork): void {
    if (!DEFAULTS_COME_FROM.some((field) => field in changes)) return;
    unit.execute(FOLLOW_DEFAULTS, { customerId, ...this.defaultsFor(customer) });
  }

  @OnEvent(MessageChoicesChanged.eventName, { suppressErrors: false })
  keepChoices({ customerId, change: { after } }: MessageChoicesChanged, unit: UnitOfWork): void {
    unit.updateOne(CustomerPreferences, { customerId }, { ...after, updatedAt: new Date() });
  }

  @OnEvent(CustomerDeleted.eventName, { suppressErrors: false })
  markDeleted({ customerId }: CustomerDeleted, unit: UnitOfWork): void {
    const now = new Date();
    unit.update(Customer, { id: customerId }, { deletedAt: now, updatedAt: now });
  }

  @OnEvent(CustomerLinked.eventName, { suppressErrors: false })
  linkToUser({ customerId, user }: CustomerLinked, unit: UnitOfWork): void {
    unit.updateOne(Customer, { id: customerId }, { userId: user.id, updatedAt: new Date() });
    unit.reportChange(`Linked to user: ${user.id}`);
  }

  @OnEvent(CustomerUnlinked.eventName, { suppressErrors: false })
  unlinkFromUser({ customerId, userIdBefore }: CustomerUnlinked, unit: UnitOfWork): void {
    unit.updateOne(Customer, { id: customerId }, { userId: null, updatedAt: new Date() });
    unit.reportChange(`Unlinked from user: ${userIdBefore}`);
  }

  private defaultsFor(customer: StripeCustomer): Pick<CustomerPreferences, 'locale' | 'timezone'> {
    return { locale: localeOf(customer, this.config.defaultLocale), timezone: timezoneOf(customer) };
  }
}

const DEFAULTS_COME_FROM = ['preferredLocales', 'metadata', 'address'];

const FOLLOW_DEFAULTS = `
  update customer_preferences as target set locale = told.locale, timezone = told.timezone
  from json_to_recordset($1::json) as told ("customerId" uuid, locale text, timezone text)
  where target.customer_id = told."customerId" and target.updated_at = target.created_at`;

function toDate(time: string | null): Date | null {
  return time === null ? null : new Date(time);
}
