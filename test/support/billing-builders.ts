import { randomBytes } from 'node:crypto';
import { anEvent, type Fields } from './builders.js';
import type { FakeBilled } from './fake-stripe/stripe-state.js';

const unique = () => randomBytes(8).toString('hex');

/** The times of a life, in Unix seconds: hours after a fixed beginning. */
export const hour = (hours: number) => Date.UTC(2026, 8, 1) / 1000 + hours * 3600;

/** A price as it is in a subscription item of the current API version. */
export function aPrice(fields: Fields = {}): Fields {
  return {
    id: `price_${unique()}`,
    object: 'price',
    billing_scheme: 'per_unit',
    currency: 'usd',
    recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed', meter: null },
    tiers_mode: null,
    transform_quantity: null,
    type: 'recurring',
    unit_amount: 1000,
    unit_amount_decimal: '1000',
    ...fields,
  };
}

export function anItem(price: Fields = {}, fields: Fields = {}): Fields {
  return {
    id: `si_${unique()}`,
    object: 'subscription_item',
    current_period_end: hour(720),
    discounts: [],
    price: aPrice(price),
    quantity: 1,
    tax_rates: [],
    ...fields,
  };
}

/** A Stripe subscription of the current API version: active, 10.00 usd per month. */
export function aSubscription(customer: string, fields: Fields = {}, items = [anItem()]): FakeBilled {
  return {
    id: `sub_${unique()}`,
    object: 'subscription',
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    created: hour(0),
    customer,
    default_tax_rates: [],
    discounts: [],
    ended_at: null,
    items: { object: 'list', data: items, has_more: false },
    livemode: false,
    metadata: {},
    pause_collection: null,
    start_date: hour(0),
    status: 'active',
    test_clock: null,
    trial_end: null,
    trial_start: null,
    ...fields,
  };
}

/** A Stripe invoice of the current API version: paid, 10.00 usd. */
export function anInvoice(customer: string, fields: Fields = {}): FakeBilled {
  return {
    id: `in_${unique()}`,
    object: 'invoice',
    amount_due: 1000,
    amount_paid: 1000,
    attempt_count: 1,
    attempted: true,
    created: hour(0),
    currency: 'usd',
    customer,
    livemode: false,
    parent: { type: 'subscription_details', subscription_details: { subscription: `sub_${unique()}` } },
    status: 'paid',
    status_transitions: { paid_at: hour(0) },
    ...fields,
  };
}

/** A Stripe dispute, which names its charge only. */
export function aDispute(charge: string, fields: Fields = {}): FakeBilled {
  return {
    id: `du_${unique()}`,
    object: 'dispute',
    amount: 1000,
    charge,
    created: hour(0),
    currency: 'usd',
    livemode: false,
    reason: 'fraudulent',
    status: 'needs_response',
    ...fields,
  };
}

/** An event of a type about an object, at a time in Unix seconds. */
export function anEventOf(type: string, object: Fields, created: number) {
  return anEvent(object, { type, created });
}
