import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

describe('the set-up of a new customer', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ env: { STRIPE_ACCOUNT_CURRENCY: 'chf' } });
  });
  afterAll(() => service.stop());

  /** Creates a customer of a new user and returns its view in the admin API. */
  async function setUp(
    fields: Fields = {},
    { user = {}, event = {}, metadata = {} }: { user?: Fields; event?: Fields; metadata?: Fields } = {},
  ) {
    const created = await service.createUser(user);
    const customer = aCustomer({ ...fields, metadata: { ...created.metadata, ...metadata } });
    const delivered = anEvent(customer, event);
    const { body: answer } = await service.deliver(delivered);
    const { body: view } = await service.admin(`customers/${customer.id}`);
    return { answer, view, customer, event: delivered, userId: created.id };
  }

  it('keeps every field of Stripe, the unknown ones as received', async () => {
    const stripe = {
      name: 'Ada Lovelace',
      phone: '+44 20 7946 0000',
      description: 'First programmer',
      address: {
        city: 'London',
        country: 'GB',
        line1: '12 St James Sq',
        line2: null,
        postal_code: 'SW1Y',
        state: null,
      },
      shipping: { name: 'Ada', phone: null, address: { country: 'GB' } },
      preferred_locales: ['en-GB', 'fr'],
      currency: 'gbp',
      balance: -1250,
      tax_exempt: 'reverse',
      invoice_prefix: 'ADA1815',
      next_invoice_sequence: 42,
      invoice_settings: { custom_fields: [{ name: 'PO', value: '7' }], footer: null },
      default_source: 'card_1',
      delinquent: true,
      discount: { id: 'di_1', coupon: { percent_off: 10 } },
      test_clock: 'clock_1',
      created: 1_800_000_000,
    };

    const { view, customer, userId, event } = await setUp({
      ...stripe,
      cash_balance: null,
      sources: { data: [{ id: 'card_1' }] },
      a_field_of_2030: { nested: [1, 'two', null] },
    });

    expect(view).toMatchObject({
      stripeCustomerId: customer.id,
      stripeEventId: event.id,
      userId,
      livemode: false,
      email: customer.email,
      name: stripe.name,
      phone: stripe.phone,
      description: stripe.description,
      address: stripe.address,
      shipping: stripe.shipping,
      metadata: customer.metadata,
      preferredLocales: stripe.preferred_locales,
      currency: 'gbp',
      balanceMinor: -1250,
      taxExempt: 'reverse',
      invoicePrefix: 'ADA1815',
      nextInvoiceSequence: 42,
      invoiceSettings: stripe.invoice_settings,
      defaultSource: 'card_1',
      delinquent: true,
      discount: stripe.discount,
      testClock: 'clock_1',
      stripeCreatedAt: '2027-01-15T08:00:00.000Z',
      additionalFields: {
        cash_balance: null,
        sources: { data: [{ id: 'card_1' }] },
        a_field_of_2030: { nested: [1, 'two', null] },
      },
    });
  });

  it('reads fields that older API versions name differently', async () => {
    const { view } = await setUp({
      balance: undefined,
      account_balance: 700,
      metadata: undefined,
      default_source: { id: 'card_2', object: 'card' },
      preferred_locales: undefined,
    });

    expect(view).toMatchObject({
      balanceMinor: 700,
      defaultSource: 'card_2',
      preferredLocales: [],
      additionalFields: { default_source: { id: 'card_2', object: 'card' } },
    });
  });

  it.each<[string, Fields, Fields, Fields]>([
    ['nothing is known', {}, {}, { currency: 'chf', locale: 'en', timezone: 'UTC' }],
    ['the currency is known', { currency: 'jpy' }, {}, { currency: 'jpy' }],
    ['languages are known', { preferred_locales: ['de-de', 'fr'] }, {}, { locale: 'de-DE' }],
    ['the first language is none', { preferred_locales: ['??', 'pt-BR'] }, {}, { locale: 'pt-BR' }],
    ['the country has one time zone', { address: { country: 'FR' } }, {}, { timezone: 'Europe/Paris' }],
    ['the country has many', { address: { country: 'US' } }, {}, { timezone: 'America/New_York' }],
    ['the country is none', { address: { country: 'XX' } }, {}, { timezone: 'UTC' }],
    ['the country is no text', { address: { country: 7 } }, {}, { timezone: 'UTC' }],
    [
      'the metadata name a time zone',
      { address: { country: 'FR' } },
      { timezone: 'Asia/Tokyo' },
      { timezone: 'Asia/Tokyo' },
    ],
    [
      'the metadata name none',
      { address: { country: 'FR' } },
      { timezone: 'Mars/Base' },
      { timezone: 'Europe/Paris' },
    ],
    ['the metadata name a file', {}, { timezone: '../../../etc/passwd' }, { timezone: 'UTC' }],
  ])('initialises preferences when %s', async (_, fields, metadata, preferences) => {
    const { view } = await setUp(fields, { metadata });

    expect(view.preferences).toMatchObject({
      invoiceDelivery: 'email',
      metadata: {},
      notifications: {
        welcome: { email: true },
        onboarding_guide: { email: true },
        portal_access: { email: true },
        billing: { email: true },
        product_updates: { email: false },
      },
      ...preferences,
    });
  });

  it('grants portal access with permissions, status, times and origin', async () => {
    const { view, event } = await setUp();

    expect(view.portalAccess).toMatchObject({
      status: 'active',
      permissions: {
        viewInvoices: true,
        updatePaymentMethod: true,
        updateBillingDetails: true,
        cancelSubscription: true,
      },
      metadata: { grantedBy: event.id },
      grantedAt: expect.any(String),
      firstAccessedAt: null,
      lastAccessedAt: null,
    });
  });

  it('starts the lifecycle: stage onboarding, one transition, the first milestone reached', async () => {
    const { view } = await setUp();

    expect(view.lifecycle).toMatchObject({
      stage: 'onboarding',
      milestones: { created: expect.any(String), welcomed: null, portal_accessed: null, first_payment: null },
    });
    const transitions = await service.database.rows(
      'select from_stage, to_stage, trigger from lifecycle_transitions where customer_id = $1',
      [view.id],
    );
    expect(transitions).toEqual([{ from_stage: null, to_stage: 'onboarding', trigger: 'customer_created' }]);
  });

  it('leaves an audit entry: actor, act, time, cause and duration', async () => {
    const { view, customer, event, userId } = await setUp(
      {},
      { event: { account: 'acct_1', request: { id: 'req_7' } } },
    );

    const { body } = await service.admin(`audit-entries?customerId=${view.id}`);

    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({
      action: 'customer.created',
      actorType: 'stripe',
      actorId: 'req_7',
      objectType: 'customer',
      objectId: customer.id,
      source: 'webhook',
      stripeEventId: event.id,
      details: { userId, account: 'acct_1', apiVersion: event.api_version, creationMethod: 'api' },
      occurredAt: expect.any(String),
    });
    expect(body.items[0].processingMs).toBeGreaterThanOrEqual(0);
  });

  it.each([
    `update audit_entries set action = 'nothing'`,
    'delete from audit_entries',
    'truncate audit_entries',
  ])('leaves an audit trail that cannot be changed: %s', async (sql) => {
    await setUp();
    const entries = await service.database.rows('select * from audit_entries order by id');

    await expect(service.database.rows(sql)).rejects.toThrow('audit_entries is append-only');

    expect(await service.database.rows('select * from audit_entries order by id')).toEqual(entries);
  });

  it.each<[string, Fields, number]>([
    ['now', { createdAt: daysAgo(0) }, 3],
    ['29 days ago', { createdAt: daysAgo(29) }, 3],
    ['31 days ago', { createdAt: daysAgo(31) }, 2],
    ['ten years ago', { createdAt: daysAgo(3650) }, 2],
    ['in the future', { createdAt: daysAgo(-1) }, 3],
  ])('queues notifications: the guide only for new users (created %s)', async (_, user, count) => {
    const { answer, view } = await setUp({}, { user });

    expect(answer.notifications_sent).toBe(count);
    const kinds = view.notifications.map(({ kind, status }: Fields) => [kind, status]);
    expect(kinds).toHaveLength(count);
    expect(kinds).toContainEqual(['welcome', 'queued']);
    expect(kinds).toContainEqual(['portal_access', 'queued']);
  });

  it('queues each kind of notification once per user', async () => {
    const { userId } = await setUp();

    const second = aCustomer({ metadata: { mingus_user_id: userId } });
    const { body } = await service.deliver(anEvent(second));

    expect(body).toMatchObject({ success: true, notifications_sent: 0 });
    expect(body.changes).toHaveLength(5);
    expect((await service.admin(`customers/${second.id}`)).body.notifications).toEqual([]);
  });

  it('shows everything in one timeline', async () => {
    const { view } = await setUp();

    const whats = view.timeline.map(({ what }: { what: string }) => what);

    expect(whats.toSorted()).toEqual([
      'customer.created',
      'lifecycle.onboarding',
      'notification.queued',
      'notification.queued',
      'notification.queued',
    ]);
  });
});
