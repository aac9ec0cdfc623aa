import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

const RUNS = 25;
const EVENTS_PER_RUN = 20;

/** Text of random code units: lone surrogates, NUL, emoji, controls, up to more than Stripe allows. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    maxLength: 80,
  }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '😀'.repeat(40),
    `x${'😀'.repeat(40)}`,
    'x'.repeat(5000),
    'Infinity',
    '9'.repeat(400),
  ),
);
const anything = fc.oneof(
  text,
  fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }),
  fc.double(),
  fc.maxSafeInteger(),
);
/** Metadata with known and unknown keys. */
const metadataMaps = fc
  .tuple(
    fc.dictionary(text, text, { maxKeys: 4 }),
    fc.record(
      { source: text, utm_source: text, utm_x: text, campaign: text, referrer: text, timezone: text },
      { requiredKeys: [] },
    ),
  )
  .map(([unknown, known]) => ({ ...unknown, ...known }));

/** A customer that mostly passes validation, with strange values in every field. */
const customers: fc.Arbitrary<Fields> = fc.record(
  {
    name: text,
    phone: text,
    description: text,
    currency: text,
    address: fc.dictionary(fc.oneof(text, fc.constant('country')), anything, { maxKeys: 4 }),
    shipping: fc.dictionary(text, anything, { maxKeys: 4 }),
    preferred_locales: fc.array(fc.oneof(text, fc.constantFrom('de-DE', 'x-private', 'en_US', 'i-klingon')), {
      maxLength: 3,
    }),
    balance: fc.oneof({ weight: 9, arbitrary: fc.maxSafeInteger() }, { weight: 1, arbitrary: fc.double() }),
    next_invoice_sequence: fc.maxSafeInteger(),
    tax_exempt: text,
    invoice_prefix: text,
    invoice_settings: fc.dictionary(text, anything, { maxKeys: 4 }),
    default_source: fc.oneof(text, fc.dictionary(text, anything, { maxKeys: 2 })),
    discount: fc.dictionary(text, anything, { maxKeys: 2 }),
    test_clock: text,
    created: fc.oneof(fc.maxSafeInteger(), fc.double(), text),
    unknown: anything,
  },
  { requiredKeys: [] },
);
const envelopes: fc.Arbitrary<Fields> = fc.record(
  {
    account: anything,
    api_version: anything,
    created: fc.oneof(fc.integer({ min: 0, max: 253_402_300_799 }), anything),
    request: anything,
    livemode: fc.oneof(fc.boolean(), anything),
    pending_webhooks: anything,
  },
  { requiredKeys: [] },
);

describe('any payload', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  it('is decided: never answered 5xx, never refused by the database', { timeout: 120_000 }, async () => {
    const batch = fc.array(fc.tuple(customers, metadataMaps, envelopes), {
      minLength: EVENTS_PER_RUN,
      maxLength: EVENTS_PER_RUN,
    });

    await fc.assert(
      fc.asyncProperty(batch, async (parts) => {
        const events: Fields[] = [];
        for (const [customer, map, envelope] of parts) {
          const { metadata } = await service.createUser();
          events.push(anEvent(aCustomer({ ...customer, metadata: { ...map, ...metadata } }), envelope));
        }

        const answers = await Promise.all(events.map((event) => service.deliver(event)));

        for (const { status } of answers) expect(status).toBe(200);
        expect(await service.database.count('webhook_events', `error_code = 'unprocessable'`)).toBe(0);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    const [row] = await service.database.rows<{ created: number; rejected: number }>(
      `select count(*) filter (where outcome = 'created')::int as created,
         count(*) filter (where outcome = 'rejected')::int as rejected from webhook_events`,
    );
    expect(row?.created).toBeGreaterThan((RUNS * EVENTS_PER_RUN) / 2);
    expect(row?.rejected).toBeGreaterThan(0);
  });
});
