import { aCustomer, anEvent, type Fields } from '../test/support/builders.js';

/** A Stripe event the demo sends, with the answer it must get. */
export interface DemoEvent {
  title: string;
  event: Fields;
  /** Sent with a byte changed after signing. */
  tampered?: boolean;
  expected: { status: number; success: boolean; contains: string };
}

/** The users that must exist for {@link demoEvents}. */
export function demoUsers(run: string) {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  return [
    { id: `ada-${run}`, email: `ada.${run}@example.com`, name: 'Ada Lovelace', createdAt: daysAgo(1) },
    { id: `grace-${run}`, email: `grace.${run}@example.com`, name: 'Grace Hopper', createdAt: daysAgo(400) },
    { id: `linus-${run}`, email: `linus.${run}@example.com`, name: 'Linus', createdAt: daysAgo(3) },
    { id: `zoe-${run}`, email: `zoe.${run}@example.com`, name: 'Zoë Müller', createdAt: daysAgo(10) },
  ];
}

/** A dozen deliveries: valid customers of different shapes, and all that goes wrong in practice. */
export function demoEvents(run: string): DemoEvent[] {
  const created = { status: 200, success: true, contains: 'comprehensive setup' };
  const customer = (who: string, fields: Fields = {}) =>
    aCustomer({
      id: `cus_${who}${run}`,
      email: `${who}.${run}@example.com`,
      name: null,
      metadata: { mingus_user_id: `${who}-${run}` },
      ...fields,
    });
  const event = (name: string, object: Fields, fields: Fields = {}) =>
    anEvent(object, { id: `evt_${name}${run}`, ...fields });
  const first = event('ada', customer('ada', { name: 'Ada Lovelace', currency: 'eur' }));
  return [
    { title: 'new user, in euro', event: first, expected: created },
    {
      title: 'long-standing user, no name, with address',
      event: event('grace', customer('grace', { address: { country: 'DE', city: 'Berlin' } })),
      expected: created,
    },
    {
      title: 'time zone, campaign and languages in the metadata',
      event: event('linus', {
        ...customer('linus', { name: 'Linus', preferred_locales: ['fi-FI', 'en'] }),
        metadata: { mingus_user_id: ` linus-${run} `, timezone: 'Europe/Helsinki', utm_source: 'newsletter' },
      }),
      expected: created,
    },
    {
      title: 'hostile name',
      event: event('zoe', customer('zoe', { name: 'Zoë "{{7*7}}" <b>Müller</b>, victim@example.net' })),
      expected: created,
    },
    {
      title: 'the first event again',
      event: first,
      expected: { status: 200, success: true, contains: 'already' },
    },
    {
      title: 'the first customer under another event id',
      event: event('twin', customer('ada')),
      expected: { status: 200, success: true, contains: 'already exists' },
    },
    {
      title: 'invalid email',
      event: event('bad', customer('bad', { email: 'not an address' })),
      expected: { status: 200, success: false, contains: 'Invalid email format' },
    },
    {
      title: 'missing email',
      event: event('none', customer('none', { email: null })),
      expected: { status: 200, success: false, contains: 'Missing required fields: email' },
    },
    {
      title: 'unknown user',
      event: event('late', customer('late')),
      expected: { status: 200, success: false, contains: 'User not found' },
    },
    {
      title: 'no user id',
      event: event('anon', customer('anon', { metadata: {} })),
      expected: { status: 200, success: false, contains: 'No user ID in customer metadata' },
    },
    {
      title: 'tampered body',
      event: event('mallory', customer('mallory')),
      tampered: true,
      expected: { status: 400, success: false, contains: 'Invalid signature' },
    },
    {
      title: 'a type nobody handles',
      event: event('plan', { id: 'plan_1', object: 'plan' }, { type: 'plan.created' }),
      expected: { status: 200, success: true, contains: 'not handled' },
    },
  ];
}
