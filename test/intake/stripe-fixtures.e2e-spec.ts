import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyStripeSignature } from '../../src/webhooks/stripe/stripe-signature.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

/** A folder with Stripe payloads from elsewhere: events, and bare objects in folders named `objects`. */
const FIXTURES_DIR = process.env.STRIPE_FIXTURES_DIR ?? '';
const VECTORS_FILE = 'signature-vectors.json';

interface SignatureVector {
  name: string;
  secret: string;
  t: number;
  header: string;
  body_base64: string;
}

const files = FIXTURES_DIR
  ? readdirSync(FIXTURES_DIR, { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!expected)\.json$/.test(file) && !file.endsWith(VECTORS_FILE))
      .toSorted()
  : [];

/** Puts an object into an event. Events get a new id, because some fixtures share one. */
function toEvent(file: string): Fields {
  const fixture = JSON.parse(readFileSync(join(FIXTURES_DIR, file), 'utf8')) as Fields;
  if (/(^|\/)objects\//.test(file)) return anEvent(fixture);
  return { ...fixture, id: anEvent().id };
}

/** The customer in a file of any API version; null if there is none. */
function customerIn(file: string): Fields | null {
  const { type, data } = toEvent(file) as { type?: string; data?: { object?: Fields } };
  return type === 'customer.created' && data?.object?.object === 'customer' ? data.object : null;
}

describe.skipIf(files.length === 0)('payloads of Stripe from elsewhere (STRIPE_FIXTURES_DIR)', () => {
  let service: TestApp;
  const outcomes: { file: string; status: number; answer: string }[] = [];

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(async () => {
    console.table(outcomes);
    await service.stop();
  });

  it.each(files)('are decided and stored: %s', async (file) => {
    const event = toEvent(file);

    const { status, body } = await service.deliver(event);

    outcomes.push({ file, status, answer: body.error ?? body.message });
    expect(status).toBe(200);
    expect(await service.database.count('webhook_events', `stripe_event_id = '${String(event.id)}'`)).toBe(1);
  });

  it.each(files.filter((file) => customerIn(file)))(
    'become customers once they have an email and a user: %s',
    async (file) => {
      const { metadata } = await service.createUser();
      const id = aCustomer().id;
      const customer: Fields = { ...customerIn(file), id, metadata };

      const { body } = await service.deliver(
        anEvent({ ...customer, email: customer.email || 'ada@example.com' }),
      );

      expect(body).toMatchObject({ success: true, notifications_sent: 3 });
      expect((await service.admin(`customers/${id}`)).body).toMatchObject({ stripeCustomerId: id });
    },
  );
});

describe.skipIf(!FIXTURES_DIR)('signatures published by Stripe (STRIPE_FIXTURES_DIR)', () => {
  const { vectors } = FIXTURES_DIR
    ? (JSON.parse(readFileSync(join(FIXTURES_DIR, VECTORS_FILE), 'utf8')) as { vectors: SignatureVector[] })
    : { vectors: [] };

  it.each(vectors)('are accepted only at their time: $name', ({ secret, t, header, body_base64 }) => {
    const body = Buffer.from(body_base64, 'base64');
    const at = (seconds: number) => new Date(seconds * 1000);

    expect(verifyStripeSignature(header, body, [secret], at(t))).toEqual({ valid: true, secretIndex: 0 });
    expect(verifyStripeSignature(header, body, ['whsec_other', secret], at(t))).toEqual({
      valid: true,
      secretIndex: 1,
    });
    expect(verifyStripeSignature(header, body, [secret], at(t + 301))).toEqual({
      valid: false,
      cause: 'too_old',
    });
    body[0] = 0x20;
    expect(verifyStripeSignature(header, body, [secret], at(t))).toEqual({
      valid: false,
      cause: 'mismatch',
    });
  });
});
