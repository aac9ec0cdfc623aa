import { Injectable } from '@nestjs/common';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { CustomerLinked, CustomerUnlinked } from '../events/customers/customer-links.event.js';
import { CustomerUpdated } from '../events/customers/customer-updated.event.js';
import { MessageChoicesChanged } from '../events/notification-facts.event.js';
import { I18nSettings } from '../platform/i18n/i18n.settings.js';
import { CustomersSettings } from './customers.settings.js';
import type { StripeCustomer } from '../events/stripe-customer.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { DEFAULT_NOTIFICATIONS, localeOf, timezoneOf } from './customer-defaults.js';
import { CustomerPreferences } from './customer-preferences.entity.js';
import { Customer } from './customer.entity.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';

@Injectable()
export class CustomersListener {
  constructor(
    private readonly settings: CustomersSettings,
    private readonly language: I18nSettings,
  ) {}

  @OnFact(CustomerCreated)
  recordCustomer({ customerId, customer, user, origin }: CustomerCreated, unit: UnitOfWork): void {
    const now = new Date();
    unit.insert(Customer, {
      id: customerId,
      userId: user.id,
      stripeCustomerId: customer.stripeCustomerId,
      livemode: customer.livemode,
      stripeEventId: origin.stripeEventId,
      account: origin.account,
      email: customer.email,
      name: customer.name,
      phone: customer.phone,
      description: customer.description,
      address: customer.address,
      shipping: customer.shipping,
      metadata: customer.metadata,
      preferredLocales: customer.preferredLocales,
      currency: customer.currency,
      balanceMinor: customer.balanceMinor,
      taxExempt: customer.taxExempt,
      invoicePrefix: customer.invoicePrefix,
      nextInvoiceSequence: customer.nextInvoiceSequence,
      invoiceSettings: customer.invoiceSettings,
      defaultSource: customer.defaultSource,
      delinquent: customer.delinquent,
      discount: customer.discount,
      testClock: customer.testClock,
      stripeCreatedAt: toDate(customer.stripeCreatedAt),
      additionalFields: customer.additionalFields,
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

  @OnFact(CustomerCreated)
  initialisePreferences({ customerId, customer }: CustomerCreated, unit: UnitOfWork): void {
    const now = new Date();
    const { locale, timezone } = this.defaultsFor(customer);
    unit.insert(CustomerPreferences, {
      customerId,
      notifications: DEFAULT_NOTIFICATIONS,
      currency: customer.currency ?? this.settings.accountCurrency,
      invoiceDelivery: 'email',
      locale,
      timezone,
      metadata: {},
      createdAt: now,
      updatedAt: now,
    });
  }

  @OnFact(CustomerUpdated)
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

  /** Language and time zone follow Stripe's data until the customer changes their preferences. */
  @OnFact(CustomerUpdated)
  followDefaults({ customerId, customer, changes }: CustomerUpdated, unit: UnitOfWork): void {
    if (!DEFAULTS_COME_FROM.some((field) => field in changes)) return;
    unit.execute(FOLLOW_DEFAULTS, { customerId, ...this.defaultsFor(customer) });
  }

  @OnFact(MessageChoicesChanged)
  keepChoices({ customerId, change: { after } }: MessageChoicesChanged, unit: UnitOfWork): void {
    unit.updateOne(CustomerPreferences, { customerId }, { ...after, updatedAt: new Date() });
  }

  @OnFact(CustomerDeleted)
  markDeleted({ customerId }: CustomerDeleted, unit: UnitOfWork): void {
    const now = new Date();
    unit.update(Customer, { id: customerId }, { deletedAt: now, updatedAt: now });
  }

  @OnFact(CustomerLinked)
  linkToUser({ customerId, user }: CustomerLinked, unit: UnitOfWork): void {
    unit.updateOne(Customer, { id: customerId }, { userId: user.id, updatedAt: new Date() });
    unit.reportChange(`Linked to user: ${user.id}`);
  }

  @OnFact(CustomerUnlinked)
  unlinkFromUser({ customerId, userIdBefore }: CustomerUnlinked, unit: UnitOfWork): void {
    unit.updateOne(Customer, { id: customerId }, { userId: null, updatedAt: new Date() });
    unit.reportChange(`Unlinked from user: ${userIdBefore}`);
  }

  private defaultsFor(customer: StripeCustomer): Pick<CustomerPreferences, 'locale' | 'timezone'> {
    return { locale: localeOf(customer, this.language.defaultLocale), timezone: timezoneOf(customer) };
  }
}

const DEFAULTS_COME_FROM = ['preferredLocales', 'metadata', 'address'];

const FOLLOW_DEFAULTS = `
  update customer_preferences as target set locale = stripe.locale, timezone = stripe.timezone
  from json_to_recordset($1::json) as stripe ("customerId" uuid, locale text, timezone text)
  where target.customer_id = stripe."customerId" and target.updated_at = target.created_at`;

function toDate(time: string | null): Date | null {
  return time === null ? null : new Date(time);
}
