/** A Stripe event the demo sends, with the answer it must get. */
export interface DemoEvent {
  title: string;
  event: { id: string; type: string; data: { object: Record<string, unknown> } };
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
  const customer = (who: string, fields: Record<string, unknown> = {}) =>
    aCustomer(`${who}${run}`, `${who}.${run}@example.com`, `${who}-${run}`, fields);
  const first = anEvent(`evt_ada${run}`, customer('ada', { name: 'Ada Lovelace', currency: 'eur' }));
  return [
    { title: 'new user, in euro', event: first, expected: created },
    {
      title: 'long-standing user, no name, with address',
      event: anEvent(`evt_grace${run}`, customer('grace', { address: { country: 'DE', city: 'Berlin' } })),
      expected: created,
    },
    {
      title: 'time zone, campaign and languages in the metadata',
      event: anEvent(`evt_linus${run}`, {
        ...customer('linus', { name: 'Linus', preferred_locales: ['fi-FI', 'en'] }),
        metadata: { mingus_user_id: ` linus-${run} `, timezone: 'Europe/Helsinki', utm_source: 'newsletter' },
      }),
      expected: created,
    },
    {
      title: 'hostile name',
      event: anEvent(
        `evt_zoe${run}`,
        customer('zoe', { name: 'Zoë "{{7*7}}" <b>Müller</b>, victim@example.net' }),
      ),
      expected: created,
    },
    {
      title: 'the first event again',
      event: first,
      expected: { status: 200, success: true, contains: 'already' },
    },
    {
      title: 'the first customer under another event id',
      event: anEvent(`evt_twin${run}`, customer('ada')),
      expected: { status: 200, success: true, contains: 'already exists' },
    },
    {
      title: 'invalid email',
      event: anEvent(`evt_bad${run}`, customer('bad', { email: 'not an address' })),
      expected: { status: 200, success: false, contains: 'Invalid email format' },
    },
    {
      title: 'missing email',
      event: anEvent(`evt_none${run}`, customer('none', { email: null })),
      expected: { status: 200, success: false, contains: 'Missing required fields: email' },
    },
    {
      title: 'unknown user',
      event: anEvent(`evt_late${run}`, customer('late')),
      expected: { status: 200, success: false, contains: 'User not found' },
    },
    {
      title: 'no user id',
      event: anEvent(`evt_anon${run}`, customer('anon', { metadata: {} })),
      expected: { status: 200, success: false, contains: 'No user ID in customer metadata' },
    },
    {
      title: 'tampered body',
      event: anEvent(`evt_mallory${run}`, customer('mallory')),
      tampered: true,
      expected: { status: 400, success: false, contains: 'Invalid signature' },
    },
    {
      title: 'a type nobody handles',
      event: { ...anEvent(`evt_plan${run}`, { id: 'plan_1', object: 'plan' }), type: 'plan.created' },
      expected: { status: 200, success: true, contains: 'not handled' },
    },
  ];
}

function aCustomer(id: string, email: string, userId: string, fields: Record<string, unknown>) {
  return {
    id: `cus_${id}`,
    object: 'customer',
    address: null,
    balance: 0,
    created: Math.floor(Date.now() / 1000),
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email,
    invoice_prefix: 'D3M0',
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: { mingus_user_id: userId },
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
    ...fields,
  };
}

function anEvent(id: string, object: Record<string, unknown>) {
  return {
    id,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: Math.floor(Date.now() / 1000),
    data: { object },
    livemode: false,
    pending_webhooks: 1,
    request: { id: 'req_demo', idempotency_key: null },
    type: 'customer.created',
  };
}
