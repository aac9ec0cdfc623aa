import { createHmac, hash } from 'node:crypto';

/** The secret that all targets verify signatures with. */
export const WEBHOOK_SECRET = 'whsec_bench_0123456789abcdef0123456789abcdef';

/**
 * The differences between two events. All of them are derived from a key and a time, in TypeScript and in SQL
 * alike.
 */
interface EventIdentity {
  hex: string;
  /** The first 15 digits of the hash: as many random characters as an id of Stripe has. */
  short: string;
  /** Stripe's ids begin with their time, so that new ids sort after old ones. */
  eventTime: string;
  customerTime: string;
  createdAt: string;
}

/** The MINGUS user behind an event, as an SQL expression over a key (see `prepareUsers`). */
export const USER_ID_SQL = (key: string): string => `'user_' || md5(${key})`;

/** A `customer.created` body of the current API version, formatted as Stripe formats it, about 2.5 KB. */
export function createdBody(key: string, createdAtSeconds: number): string {
  const identity = identityOf(key, createdAtSeconds);
  return TEMPLATE.map((part) => (typeof part === 'string' ? part : identity[part.field])).join('');
}

/** The `customer.updated` body that follows {@link createdBody}: the customer has another name. */
export function updatedBody(key: string, createdAtSeconds: number, updatedAtSeconds: number): string {
  const event = JSON.parse(createdBody(key, createdAtSeconds)) as typeof EVENT;
  const { name } = event.data.object;
  const updated = {
    ...event,
    id: event.id.replace('evt_1', 'evt_2'),
    created: updatedAtSeconds,
    data: { object: { ...event.data.object, name: 'Ada King' }, previous_attributes: { name } },
    type: 'customer.updated',
  };
  return JSON.stringify(updated, null, 2);
}

/** The id of the customer in {@link createdBody}. */
export function customerIdOf(key: string, createdAtSeconds: number): string {
  const { customerTime, short } = identityOf(key, createdAtSeconds);
  return `cus_${customerTime}${short}`;
}

/** The same text as an SQL expression. @param sql expressions for each field of the identity */
export function eventBodySql(sql: Record<keyof EventIdentity, string>): string {
  return TEMPLATE.map((part) =>
    typeof part === 'string' ? `'${part.replaceAll("'", "''")}'` : sql[part.field],
  ).join(' || ');
}

/** The `Stripe-Signature` of a body sent now. */
export function signatureOf(body: string): string {
  const timestamp = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', WEBHOOK_SECRET).update(`${timestamp}.${body}`).digest('hex');
  return `t=${timestamp},v1=${digest}`;
}

function identityOf(key: string, createdAtSeconds: number): EventIdentity {
  const hex = hash('md5', key);
  return {
    hex,
    short: hex.slice(0, 15),
    eventTime: createdAtSeconds.toString(16),
    customerTime: (createdAtSeconds >> 8).toString(16),
    createdAt: String(createdAtSeconds),
  };
}

const ADDRESS = {
  city: 'San Francisco',
  country: 'US',
  line1: '1455 Market Street',
  line2: 'Suite 600',
  postal_code: '94103',
  state: 'CA',
};

const CUSTOMER = {
  id: 'cus_<customerTime><short>',
  object: 'customer',
  address: ADDRESS,
  balance: 0,
  created: '<createdAt>',
  currency: 'usd',
  customer_account: null,
  default_source: null,
  delinquent: false,
  description: 'Signed up for MINGUS Professional through the spring campaign',
  discount: null,
  email: 'ada.lovelace.<short>@example.com',
  invoice_prefix: 'A1B2C3D4',
  invoice_settings: {
    custom_fields: [{ name: 'Cost centre', value: 'Household' }],
    default_payment_method: null,
    footer: null,
    rendering_options: null,
  },
  livemode: false,
  metadata: {
    mingus_user_id: 'user_<hex>',
    plan: 'professional',
    referrer: 'https://blog.example.com/ten-ways-to-save',
    signup_platform: 'web',
    source: 'newsletter',
    timezone: 'America/Los_Angeles',
    utm_campaign: 'spring-budget',
    utm_medium: 'email',
    utm_source: 'newsletter',
  },
  name: 'Ada Lovelace',
  next_invoice_sequence: 1,
  phone: '+14155550123',
  preferred_locales: ['en-US', 'en'],
  shipping: { address: ADDRESS, name: 'Ada Lovelace', phone: '+14155550123' },
  tax_exempt: 'none',
  test_clock: null,
};

const EVENT = {
  id: 'evt_1<eventTime><short>',
  object: 'event',
  api_version: '2026-10-28.endive',
  created: '<createdAt>',
  data: { object: CUSTOMER },
  livemode: false,
  pending_webhooks: 1,
  request: { id: 'req_<short>', idempotency_key: '<hex>' },
  type: 'customer.created',
};

/** The text of the event, split where events differ. */
const TEMPLATE = JSON.stringify(EVENT, null, 2)
  .replaceAll('"<createdAt>"', '<createdAt>')
  .split(/<(\w+)>/)
  .map((part, index) => (index % 2 === 0 ? part : { field: part as keyof EventIdentity }));
