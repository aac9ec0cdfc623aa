import { aCustomer, anEvent, type Fields } from '../../test/support/builders.js';
import type { EventSender, SentEvent } from '../../test/support/fake-stripe/event-sender.js';
import type { FakeEvent, StripeState } from '../../test/support/fake-stripe/stripe-state.js';

/** A change in Stripe, with the expected answer to its event. */
export interface DemoStep {
  title: string;
  change: (sender: EventSender, state: StripeState) => Promise<SentEvent>;
  expected: { status: number; success: boolean; contains: string };
}

/** The plan of one customer of {@link demoSteps}. */
export const DEMO_PLAN = 'premium';

const CREATED = { status: 200, success: true, contains: 'comprehensive setup' };

/** The users that must exist for {@link demoSteps}. */
export function demoUsers(run: string) {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  return [
    { id: `ada-${run}`, email: `ada.${run}@example.com`, name: 'Ada Lovelace', createdAt: daysAgo(1) },
    { id: `grace-${run}`, email: `grace.${run}@example.com`, name: 'Grace Hopper', createdAt: daysAgo(400) },
    { id: `linus-${run}`, email: `linus.${run}@example.com`, name: 'Linus', createdAt: daysAgo(3) },
    { id: `zoe-${run}`, email: `zoe.${run}@example.com`, name: 'Zoë Müller', createdAt: daysAgo(10) },
    { id: `tim-${run}`, email: `tim.${run}@example.com`, name: 'Tim', createdAt: daysAgo(2) },
  ];
}

/** Valid customers of different kinds, and the faults that occur in practice. */
export function demoSteps(run: string): DemoStep[] {
  const ada = demoCustomer(run, 'ada', { name: 'Ada Lovelace', currency: 'eur' });
  return [
    { title: 'new user, in euro', change: (stripe) => stripe.createCustomer(ada), expected: CREATED },
    {
      title: 'long-standing user, no name, with address',
      change: creationOf(demoCustomer(run, 'grace', { address: { country: 'DE', city: 'Berlin' } })),
      expected: CREATED,
    },
    {
      title: 'time zone, campaign and plan in the metadata, and languages',
      change: creationOf({
        ...demoCustomer(run, 'linus', { name: 'Linus', preferred_locales: ['fi-FI', 'en'] }),
        metadata: {
          mingus_user_id: ` linus-${run} `,
          timezone: 'Europe/Helsinki',
          utm_source: 'newsletter',
          plan: DEMO_PLAN,
        },
      }),
      expected: CREATED,
    },
    {
      title: 'hostile name',
      change: creationOf(
        demoCustomer(run, 'zoe', { name: 'Zoë "{{7*7}}" <b>Müller</b>, victim@example.net' }),
      ),
      expected: CREATED,
    },
    {
      title: 'a thin event, which only names its customer',
      change: (stripe, state) => stripe.sendThin(state.createCustomer(demoCustomer(run, 'tim'))),
      expected: { status: 200, success: true, contains: 'being fetched from Stripe' },
    },
    {
      title: 'the first event again',
      change: (stripe, state) => stripe.send(creationIn(state, ada.id)),
      expected: { status: 200, success: true, contains: 'already' },
    },
    {
      title: 'the first customer under another event id',
      change: (stripe) => stripe.send(pending(anEvent(ada))),
      expected: { status: 200, success: true, contains: 'already exists' },
    },
    {
      title: 'invalid email',
      change: creationOf(demoCustomer(run, 'bad', { email: 'not an address' })),
      expected: { status: 200, success: false, contains: 'Invalid email format' },
    },
    {
      title: 'missing email',
      change: creationOf(demoCustomer(run, 'none', { email: null })),
      expected: { status: 200, success: false, contains: 'Missing required fields: email' },
    },
    {
      title: 'unknown user',
      change: creationOf(demoCustomer(run, 'late')),
      expected: { status: 200, success: false, contains: 'User not found' },
    },
    {
      title: 'no user id',
      change: creationOf(demoCustomer(run, 'anon', { metadata: {} })),
      expected: { status: 200, success: false, contains: 'No user ID in customer metadata' },
    },
    {
      title: 'a type without a handler',
      change: (stripe) =>
        stripe.send(pending(anEvent({ id: 'plan_1', object: 'plan' }, { type: 'plan.created' }))),
      expected: { status: 200, success: true, contains: 'not handled' },
    },
  ];
}

/** Later changes to those customers, after their messages were sent. */
export function laterDemoSteps(run: string): DemoStep[] {
  return [
    {
      title: 'the first customer changes its name',
      change: (stripe) => stripe.updateCustomer(`cus_ada${run}`, { name: 'Ada King' }),
      expected: { status: 200, success: true, contains: 'Customer updated' },
    },
    {
      title: 'a customer is deleted',
      change: (stripe) => stripe.deleteCustomer(`cus_zoe${run}`),
      expected: { status: 200, success: true, contains: 'marked as deleted' },
    },
  ];
}

function demoCustomer(run: string, who: string, fields: Fields = {}) {
  return aCustomer({
    id: `cus_${who}${run}`,
    email: `${who}.${run}@example.com`,
    name: null,
    metadata: { mingus_user_id: `${who}-${run}` },
    ...fields,
  });
}

function creationOf(customer: Fields & { id: string }): DemoStep['change'] {
  return (stripe) => stripe.createCustomer(customer);
}

function creationIn(state: StripeState, customerId: string): FakeEvent {
  const isItsCreation = ({ type, data }: FakeEvent) =>
    type === 'customer.created' && (data as { object: { id: string } }).object.id === customerId;
  const event = state.events.all().find(isItsCreation);
  if (!event) throw new Error(`${customerId} was not created`);
  return event;
}

function pending(event: Fields & { id: string; type: string }): FakeEvent {
  return { ...event, created: Math.floor(Date.now() / 1000), pending_webhooks: 1 };
}
