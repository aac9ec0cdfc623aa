import { describe, expect, it } from 'vitest';
import { aCustomer } from '../../../test/support/builders.js';
import { translateCustomer, type TranslatedCustomer } from './stripe-customer.js';

const translate = (fields: Record<string, unknown> = {}, livemode: boolean | null = false) =>
  translateCustomer(aCustomer(fields), livemode);

function valid(result: TranslatedCustomer) {
  if (!result.valid) throw new Error(`Refused: ${result.code}: ${result.message}`);
  return result;
}

/** An address of exactly this length. */
const emailOf = (length: number) =>
  `${'l'.repeat(64)}@${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(length - 196)}.de`;

describe('a customer object is translated', () => {
  it('with every documented field', () => {
    const { customer, mingusUserId } = valid(
      translateCustomer(
        aCustomer({
          id: 'cus_1',
          email: 'ada@example.com',
          name: 'Ada',
          phone: '+44 20 7946 0000',
          description: 'First programmer',
          address: { country: 'GB' },
          shipping: { name: 'Ada' },
          metadata: { mingus_user_id: 'user-1', source: 'web' },
          preferred_locales: ['en-GB', 'fr'],
          currency: 'gbp',
          balance: -500,
          tax_exempt: 'reverse',
          invoice_prefix: 'ADA',
          next_invoice_sequence: 7,
          invoice_settings: { footer: 'x' },
          default_source: 'card_1',
          delinquent: true,
          discount: { id: 'di_1' },
          test_clock: 'clock_1',
          created: 1_800_000_000,
        }),
        true,
      ),
    );

    expect(mingusUserId).toBe('user-1');
    expect(customer).toEqual({
      stripeCustomerId: 'cus_1',
      livemode: true,
      email: 'ada@example.com',
      name: 'Ada',
      phone: '+44 20 7946 0000',
      description: 'First programmer',
      address: { country: 'GB' },
      shipping: { name: 'Ada' },
      metadata: { mingus_user_id: 'user-1', source: 'web' },
      preferredLocales: ['en-GB', 'fr'],
      currency: 'gbp',
      balanceMinor: -500,
      taxExempt: 'reverse',
      invoicePrefix: 'ADA',
      nextInvoiceSequence: 7,
      invoiceSettings: { footer: 'x' },
      defaultSource: 'card_1',
      delinquent: true,
      discount: { id: 'di_1' },
      testClock: 'clock_1',
      stripeCreatedAt: '2027-01-15T08:00:00.000Z',
      additionalFields: {},
    });
  });

  it('with nothing but an id and an email', () => {
    const { customer, mingusUserId } = valid(
      translateCustomer({ id: 'cus_1', email: 'a@example.com' }, null),
    );

    expect(mingusUserId).toBeNull();
    expect(customer).toMatchObject({
      livemode: false,
      name: null,
      metadata: {},
      preferredLocales: [],
      balanceMinor: 0,
      stripeCreatedAt: null,
      additionalFields: {},
    });
  });

  it.each([
    ['the metadata are null', { metadata: null }],
    ['every optional field is null', { name: null, preferred_locales: null, balance: null, discount: null }],
  ])('when %s', (_, fields) => {
    expect(translate(fields)).toMatchObject({ valid: true });
  });

  it("in the event's mode rather than the object's", () => {
    expect(translate({ livemode: true }, false)).toMatchObject({ customer: { livemode: false } });
    expect(translate({ livemode: false }, true)).toMatchObject({ customer: { livemode: true } });
    expect(translate({ livemode: true }, null)).toMatchObject({ customer: { livemode: true } });
  });

  it('from old API versions, whose own fields are kept', () => {
    const old = {
      id: 'cus_1',
      object: 'customer',
      email: 'ada@example.com',
      account_balance: 250,
      sources: { object: 'list', data: [] },
      subscriptions: { object: 'list', data: [] },
      tax_info: null,
    };
    const { customer } = valid(translateCustomer(old, false));

    expect(customer).toMatchObject({ balanceMinor: 250, metadata: {} });
    expect(customer.additionalFields).toEqual({
      sources: old.sources,
      subscriptions: old.subscriptions,
      tax_info: null,
    });
  });

  it('with unknown fields, __proto__ included', () => {
    const object = JSON.parse('{"id":"cus_1","email":"a@example.com","quantum":[1],"__proto__":{"valid":1}}');
    const { customer } = valid(translateCustomer(object, false));

    expect(Object.entries(customer.additionalFields)).toEqual([
      ['quantum', [1]],
      ['__proto__', { valid: 1 }],
    ]);
  });

  it('with the id of an expanded reference, the object itself kept', () => {
    const source = { id: 'card_1', object: 'card' };
    const clock = { id: 'clock_1', object: 'test_helpers.test_clock' };
    const { customer } = valid(translate({ default_source: source, test_clock: clock }));

    expect(customer).toMatchObject({ defaultSource: 'card_1', testClock: 'clock_1' });
    expect(customer.additionalFields).toEqual({ default_source: source, test_clock: clock });
  });

  it.each([
    ['  user-1\n', '  user-1\n'],
    ['u'.repeat(64), 'u'.repeat(64)],
    [` ${'u'.repeat(64)} `, ` ${'u'.repeat(64)} `],
    ['   ', null],
    ['', null],
  ])('with the user id as the metadata spell it: %j', (given, expected) => {
    expect(valid(translate({ metadata: { mingus_user_id: given } })).mingusUserId).toBe(expected);
  });

  it.each([emailOf(254), 'ada+mingus@example.com', 'jürgen@müller.example'])(
    'with the email %s as it is',
    (email) => {
      expect(email.length).toBeLessThanOrEqual(254);
      expect(valid(translate({ email })).customer.email).toBe(email);
    },
  );
});
