import { anInvoice, anItem, aSubscription } from '../../test/support/billing-builders.js';
import type { Fields } from '../../test/support/builders.js';
import type { FakeBilled } from '../../test/support/fake-stripe/stripe-state.js';
import type { DemoStep } from './steps.js';

const DAY_SECONDS = 86_400;

/** The life of a customer: a trial, a first payment, a failed one that is made up for, and the end. */
export function demoLife(run: string, customerId: string): DemoStep[] {
  const start = Math.floor(Date.now() / 1000) - 60 * DAY_SECONDS;
  const day = (days: number) => start + days * DAY_SECONDS;
  const subscription = aSubscription(
    customerId,
    { id: `sub_${run}`, created: day(0), start_date: day(0), trial_start: day(0), trial_end: day(14) },
    [anItem({ currency: 'eur', unit_amount: 2900, unit_amount_decimal: '2900' })],
  );
  const of = { subscription_details: { subscription: subscription.id } };
  const bill = { created: day(14), currency: 'eur', amount_due: 2900, amount_paid: 2900, parent: of };
  const invoice = (id: string, fields: Fields) =>
    anInvoice(customerId, { id: `${id}_${run}`, ...bill, ...fields });
  const unpaid = { status: 'open', amount_paid: 0, created: day(44), status_transitions: {} };
  const told = (type: string, days: number, fields: Fields) =>
    changeOf(`customer.subscription.${type}`, { ...subscription, ...fields }, day(days));
  return [
    step('trial', told('created', 0, { status: 'trialing' }), 'onboarding → trialing'),
    step(
      'paid',
      changeOf('invoice.paid', invoice('in_first', { status_transitions: { paid_at: day(14) } }), day(14)),
      'is paid: 29.00 eur',
    ),
    step('the trial is over', told('updated', 15, {}), 'trialing → active'),
    step(
      'failed',
      changeOf('invoice.payment_failed', invoice('in_second', unpaid), day(44)),
      'active → at_risk',
    ),
    step('Stripe waits for the payment', told('updated', 45, { status: 'past_due' }), 'at_risk → past_due'),
    step(
      'recovered',
      changeOf(
        'invoice.paid',
        invoice('in_second', { created: day(44), status_transitions: { paid_at: day(47) } }),
        day(47),
      ),
      'is paid: 29.00 eur',
    ),
    step('the subscription goes on', told('updated', 48, {}), 'past_due → active'),
    step(
      'churned',
      told('deleted', 59, { status: 'canceled', canceled_at: day(58), ended_at: day(59) }),
      'active → churned',
    ),
  ];
}

function step(title: string, change: DemoStep['change'], contains: string): DemoStep {
  return { title, change, expected: { status: 200, success: true, contains } };
}

function changeOf(type: string, billed: FakeBilled, at: number): DemoStep['change'] {
  return (stripe, state) => stripe.send(state.changeBilled(type, billed, at));
}
