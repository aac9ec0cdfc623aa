import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { rowsAddedBy } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';

type Row = [what: string, fields: Fields, code: string, error: string];

const missing = (fields: string): [string, string] => [
  'missing_required_fields',
  `Missing required fields: ${fields}`,
];
const badEmail: [string, string] = ['invalid_email', 'Invalid email format'];
const badId: [string, string] = ['invalid_customer_id', 'Invalid customer ID format'];
const badMetadata: [string, string] = ['invalid_metadata', 'Metadata is not a map of strings'];
const badField = (field: string): [string, string] => ['invalid_fields', `Invalid fields: ${field}`];

const MISSING: Row[] = [
  ['no email', { email: undefined }, ...missing('email')],
  ['email null', { email: null }, ...missing('email')],
  ['email empty', { email: '' }, ...missing('email')],
  ['no id', { id: undefined }, ...missing('id')],
  ['id null', { id: null }, ...missing('id')],
  ['neither', { id: undefined, email: undefined }, ...missing('id, email')],
];

const EMAILS: Row[] = [
  'not-an-address',
  'two@@example.com',
  'spaces in@example.com',
  'nobody@',
  '@example.com',
  'a@localhost',
  'Ada <ada@example.com>',
  'a@example.com,b@example.com',
  'a@example.com\r\nBcc: b@example.com',
  'a@example.com\u0000',
  `${'a'.repeat(250)}@example.com`,
  42,
  true,
  {},
  ['a@example.com'],
].map((email): Row => [`the email ${JSON.stringify(email).slice(0, 40)}`, { email }, ...badEmail]);

const IDS: Row[] = [
  '123',
  'cus',
  'cus_',
  'acct_123',
  'cus_1 2',
  "cus_1';--",
  `cus_${'1'.repeat(300)}`,
  7,
  {},
  [],
].map((id): Row => [`the id ${JSON.stringify(id).slice(0, 40)}`, { id }, ...badId]);

const METADATA: Row[] = [
  [],
  'x',
  1,
  true,
  { plan: 1 },
  { plan: null },
  { plan: { name: 'x' } },
  { tags: [] },
].map((metadata): Row => [`the metadata ${JSON.stringify(metadata)}`, { metadata }, ...badMetadata]);

const FIELDS: Row[] = [
  [
    'a user id of 65 characters',
    { metadata: { mingus_user_id: 'u'.repeat(65) } },
    'invalid_user_id',
    'User ID longer than 64 characters',
  ],
  ['a name that is an object', { name: {} }, ...badField('name')],
  ['a numeric phone', { phone: 123 }, ...badField('phone')],
  ['an address that is a list', { address: [] }, ...badField('address')],
  ['a textual shipping', { shipping: 'here' }, ...badField('shipping')],
  ['locales that are no list', { preferred_locales: 'de' }, ...badField('preferred_locales')],
  ['locales that are no texts', { preferred_locales: [1] }, ...badField('preferred_locales')],
  ['a fractional balance', { balance: 0.5 }, ...badField('balance')],
  ['a textual balance', { balance: '0' }, ...badField('balance')],
  ['a boolean currency', { currency: true }, ...badField('currency')],
  ['a textual delinquent', { delinquent: 'no' }, ...badField('delinquent')],
  ['a list as discount', { discount: [] }, ...badField('discount')],
  ['two wrong fields', { name: 1, phone: 2 }, ...badField('name, phone')],
];

describe('a customer.created event without valid data', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  async function expectRejected(event: Fields, code: string, error: string) {
    const { result, added } = await rowsAddedBy(service.database, () => service.deliver(event));

    expect(result.status).toBe(200);
    expect(result.body).toEqual({ success: false, error: `Invalid customer data: ${error}` });
    expect(added).toEqual({ webhook_events: 1 });
    const [row] = await service.database.rows('select * from webhook_events where stripe_event_id = $1', [
      event.id,
    ]);
    expect(row).toMatchObject({ outcome: 'rejected', error_code: code, body: JSON.stringify(event) });
  }

  it.each([...MISSING, ...EMAILS, ...IDS, ...METADATA, ...FIELDS])(
    'is stored as rejected, with a code (invalid email, missing field, wrong shape): %s',
    async (_, fields, code, error) => {
      const { metadata } = await service.createUser();
      await expectRejected(anEvent(aCustomer({ metadata, ...fields })), code, error);
    },
  );

  it.each([[null], [[]], ['cus_123'], [7], [true], [undefined]])(
    'is stored as rejected when its object is %j',
    async (object) => {
      await expectRejected(anEvent(null, { data: { object } }), 'missing_object', 'No customer object');
    },
  );

  it.each([[null], [[]], ['x'], [undefined]])('is stored as rejected when its data is %j', async (data) => {
    await expectRejected(anEvent(null, { data }), 'missing_object', 'No customer object');
  });

  it('is accepted with the longest valid email', async () => {
    const { metadata } = await service.createUser();
    const label = 'd'.repeat(61);
    const email = `${'a'.repeat(63)}@${label}.${label}.${label}.com`;
    expect(email.length).toBeLessThanOrEqual(254);

    const { body } = await service.deliver(anEvent(aCustomer({ metadata, email })));

    expect(body).toMatchObject({ success: true, notifications_sent: 3 });
  });

  it('is accepted with a user id that has space around it', async () => {
    const { id } = await service.createUser();

    const { body } = await service.deliver(anEvent(aCustomer({ metadata: { mingus_user_id: `  ${id}\n` } })));

    expect(body).toMatchObject({ success: true, notifications_sent: 3 });
  });
});
