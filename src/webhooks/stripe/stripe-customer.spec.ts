import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aCustomer } from '../../../test/support/builders.js';
import { translateCustomer } from './stripe-customer.js';

const translate = (fields: Record<string, unknown>) => translateCustomer(aCustomer(fields), false);

/** An address of exactly this length that is otherwise valid. */
const emailOf = (length: number) =>
  `${'l'.repeat(64)}@${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(length - 196)}.de`;

describe('a customer object is refused with a coded reason', () => {
  it.each([undefined, null, 'cus_1', 1, true, []])('when it is %j', (object) => {
    expect(translateCustomer(object, false)).toEqual({
      valid: false,
      code: 'missing_object',
      message: 'Invalid customer data: No customer object',
    });
  });

  it.each([
    ['id', { id: undefined }],
    ['id', { id: null }],
    ['id', { id: '' }],
    ['email', { email: undefined }],
    ['email', { email: '' }],
    ['id, email', { id: null, email: null }],
  ])('naming what is missing: %s of %j', (names, fields) => {
    expect(translate(fields)).toEqual({
      valid: false,
      code: 'missing_required_fields',
      message: `Invalid customer data: Missing required fields: ${names}`,
    });
  });

  it.each([
    'cus',
    'cus_',
    'sub_1',
    'CUS_1',
    'cus_ü',
    'cus_1 ',
    'cus_1\n',
    `cus_${'x'.repeat(251)}`,
    7,
    {},
    [],
  ])('when the id is %j', (id) => {
    expect(translate({ id })).toEqual({
      valid: false,
      code: 'invalid_customer_id',
      message: 'Invalid customer data: Invalid customer ID format',
    });
  });

  it.each([
    'ada',
    'ada@',
    '@example.com',
    'ada@example',
    'ada example@example.com',
    'ada@example.com, eve@example.com',
    'Ada <ada@example.com>',
    'ada@example.com\r\nBcc: eve@example.com',
    'ada\u0000@example.com',
    ' ada@example.com',
    emailOf(255),
    `${'l'.repeat(65)}@example.com`,
    1,
    true,
    {},
    ['ada@example.com'],
  ])('when the email is %j', (email) => {
    expect(translate({ email })).toEqual({
      valid: false,
      code: 'invalid_email',
      message: 'Invalid customer data: Invalid email format',
    });
  });

  it.each([
    [[]],
    ['mingus_user_id'],
    [1],
    [{ a: 1 }],
    [{ a: null }],
    [{ a: { b: 'c' } }],
    [{ mingus_user_id: 42 }],
    [{ mingus_user_id: ['u'] }],
  ])('when the metadata are %j', (metadata) => {
    expect(translate({ metadata })).toMatchObject({ valid: false, code: 'invalid_metadata' });
  });

  it.each([
    ['name', 1],
    ['name', { first: 'Ada' }],
    ['phone', 49],
    ['description', []],
    ['address', 'Main Street 1'],
    ['address', []],
    ['shipping', 'by post'],
    ['preferred_locales', 'en'],
    ['preferred_locales', [1]],
    ['currency', 978],
    ['balance', '0'],
    ['balance', 1.5],
    ['balance', Number.MAX_SAFE_INTEGER + 1],
    ['account_balance', {}],
    ['tax_exempt', false],
    ['invoice_prefix', 1],
    ['next_invoice_sequence', '1'],
    ['invoice_settings', 'none'],
    ['default_source', 1],
    ['delinquent', 'no'],
    ['discount', 'SPRING'],
    ['test_clock', []],
  ])('naming the field of the wrong shape: %s %j', (field, value) => {
    expect(translate({ [field]: value })).toEqual({
      valid: false,
      code: 'invalid_fields',
      message: `Invalid customer data: Invalid fields: ${field}`,
    });
  });

  it('naming all fields of wrong shapes at once', () => {
    expect(translate({ name: 1, phone: 2, delinquent: 'x' })).toMatchObject({
      message: 'Invalid customer data: Invalid fields: name, phone, delinquent',
    });
  });

  it.each([
    ['longer than 64 characters', 'u'.repeat(65)],
    ['with a control character', 'a\u0007b'],
    ['with what replaces a character that cannot be stored', 'a\uFFFDb'],
  ])('when the user id is %s', (_, id) => {
    expect(translate({ metadata: { mingus_user_id: id } })).toMatchObject({
      valid: false,
      code: 'invalid_user_id',
    });
  });

  it.each(['account', 'invoice', 1, {}])('when it is no customer but %j', (object) => {
    expect(translate({ object })).toMatchObject({ valid: false, code: 'not_a_customer' });
  });

  it('when it is nested deeper than 64 levels, however deep', () => {
    const shipping = JSON.parse('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000));
    expect(translate({ shipping })).toMatchObject({ valid: false, code: 'too_deeply_nested' });
  });

  it('never with a text that quotes what the object holds', () => {
    const canary = 'canary-4711';
    for (const fields of [{ email: canary }, { id: canary }, { name: [canary] }, { metadata: [canary] }]) {
      expect(JSON.stringify(translate(fields))).not.toContain(canary);
    }
  });
});

describe('any JSON value', () => {
  const fields = ['name', 'address', 'balance', 'metadata', 'default_source', 'preferred_locales', 'created'];
  const nearlyCustomers = fc
    .tuple(
      fc.record({
        id: fc.oneof(fc.constant('cus_1'), fc.jsonValue()),
        email: fc.oneof(fc.constant('a@example.com'), fc.string(), fc.jsonValue()),
      }),
      fc.dictionary(fc.constantFrom(...fields), fc.jsonValue()),
    )
    .map((parts) => Object.assign({}, ...parts));

  it('is either translated or refused with a code, never an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearlyCustomers), (object) => {
        const result = translateCustomer(object, null);
        if (result.valid) expect(result.customer.stripeCustomerId).toMatch(/^cus_/);
        else {
          expect(result.code).toMatch(/^[a-z_]+$/);
          expect(result.message).toMatch(/^Invalid customer data: /);
        }
      }),
      { numRuns: 500 },
    );
  });
});
