import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { ChoicesTest, hoursAround, preferencesIn, type Reader } from '../support/pages/choices.js';
import { hasEnded, waitForEach } from '../support/mail/deliveries.js';
import { makeEverythingDue } from '../support/jobs.js';
import { waitFor } from '../support/wait-for.js';

let test: ChoicesTest;

beforeAll(async () => {
  test = await ChoicesTest.start();
});
afterAll(() => test.stop());

/** Whether the page shows a choice as ticked; null if it does not show it. */
function shows(body: string, field: string): boolean | null {
  const name = field.replace('*', '\\*');
  const box = new RegExp(`<input type="checkbox" name="${name}" value="on"( checked)?>`).exec(body);
  return box && box[1] !== undefined;
}

describe('the preference page', () => {
  it('shows the current choices, and what is always sent', async () => {
    const { preferences, email, id } = await test.onboardReader();

    const { status, body } = await test.visit(preferences);

    expect(status).toBe(200);
    expect(shows(body, 'onboarding_guide.email')).toBe(true);
    expect(shows(body, '*.email')).toBe(true);
    expect(shows(body, 'welcome.email')).toBeNull();
    expect(body).toMatch(/Always sent[^]*<dt>Welcome<\/dt>[^]*<dt>Billing portal<\/dt>/);
    for (const personal of [email, id, 'Ada']) expect(body).not.toContain(personal);
  });

  it('leaves no trace: no referrer, index, cache, cookie or script', async () => {
    const { preferences } = await test.onboardReader();

    const { headers, body } = await test.visit(preferences);

    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-robots-tag')).toBe('noindex');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+';/,
    );
    expect(headers.get('set-cookie')).toBeNull();
    expect(body).not.toMatch(/<script|<link(?! rel="icon")|javascript:|\son\w+=/i);
  });

  it('offers a choice per channel through which messages are sent', async () => {
    const both = await ChoicesTest.start({ env: { NOTIFICATION_CHANNELS: 'email,in_app' } });
    onTestFinished(() => both.stop());
    const reader = await both.onboardReader();

    const { body } = await both.submit(reader.preferences, { act: 'save', 'onboarding_guide.in_app': 'off' });

    expect(shows(body, 'onboarding_guide.in_app')).toBe(false);
    expect(shows(body, 'onboarding_guide.email')).toBe(true);
  });

  it.each([[['es']], [['fr-FR', 'es-MX']]])(
    "keeps a language that is saved unchanged when Stripe's data change: %j",
    async (locales) => {
      const reader = await test.onboardReader({ preferred_locales: locales });
      await test.submit(reader.preferences, { act: 'save', language: 'es' });
      const created = Math.floor(Date.now() / 1000) + 5;
      const { body: stored } = await test.service.admin(`customers/${reader.id}`);
      const fields = { id: reader.id, email: reader.email, metadata: { mingus_user_id: stored.userId } };
      const event = anEvent(aCustomer({ ...fields, preferred_locales: ['en'] }), {
        type: 'customer.updated',
        created,
      });

      expect((await test.service.deliver(event)).body.message).toBe('Customer updated');

      expect((await test.chosen(reader)).locale).toBe('es');
    },
  );

  it('keeps what is chosen, and confirms it', async () => {
    const reader = await test.onboardReader();
    const form = { 'onboarding_guide.email': 'off', '*.email': 'on', language: 'en', act: 'save' };

    const { status, headers, body } = await test.submit(reader.preferences, form);

    expect([status, headers.get('location'), headers.get('set-cookie')]).toEqual([200, null, null]);
    expect(body).toContain('Your choices are saved.');
    expect(shows(body, 'onboarding_guide.email')).toBe(false);
    expect(shows((await test.visit(reader.preferences)).body, 'onboarding_guide.email')).toBe(false);
    expect((await test.chosen(reader)).notifications).toMatchObject({
      welcome: { email: true },
      onboarding_guide: { email: false },
    });
    await test.submit(reader.preferences, { ...form, 'onboarding_guide.email': 'on' });
    expect(shows((await test.visit(reader.preferences)).body, 'onboarding_guide.email')).toBe(true);
  });

  it('can switch off all optional messages, including kinds that do not exist yet', async () => {
    const reader = await test.onboardReader();

    const { body } = await test.submit(reader.preferences, { act: 'none', 'onboarding_guide.email': 'on' });

    expect(body).toContain('You are unsubscribed.');
    expect((await test.chosen(reader)).notifications).toMatchObject({
      '*': { email: false, in_app: false },
      onboarding_guide: { email: false },
      product_updates: { email: false },
      welcome: { email: true },
      portal_access: { email: true },
      billing: { email: true },
    });
  });

  it("records the customer's choices, before and after", async () => {
    const reader = await test.onboardReader();
    const before = await test.chosen(reader);

    await test.submit(reader.preferences, { act: 'save', '*.email': 'off', language: 'es' });
    await test.submit(reader.preferences, { act: 'save', '*.email': 'off', language: 'es' });

    const after = await test.chosen(reader);
    expect(after).toEqual({
      notifications: { ...before.notifications, '*': { email: false } },
      locale: 'es',
    });
    expect(await test.auditOf(reader)).toMatchObject([
      { actorType: 'customer', source: 'preference_page', details: { before, after } },
    ]);
  });

  it('cannot be saved more than 60 times an hour; one-click unsubscribing still works', async () => {
    const reader = await test.onboardReader();
    const choices = Array.from({ length: 61 }, (_, index) => ({
      act: 'save',
      '*.email': index % 2 === 0 ? 'off' : 'on',
    }));
    const answers = [];
    for (const form of choices) answers.push((await test.submit(reader.preferences, form)).status);

    expect(answers.slice(0, 60)).toEqual(Array(60).fill(200));
    expect(answers[60]).toBe(429);
    const oneClick = await test.submit(reader.unsubscribe, { 'List-Unsubscribe': 'One-Click' });
    expect(oneClick.status).toBe(200);
  });
});

describe('the language', () => {
  it("is the customer's, and the next message uses a newly chosen one", async () => {
    const reader = await test.onboardReader({ preferred_locales: ['es-MX'] });
    const { body } = await test.visit(reader.preferences, { headers: { 'accept-language': 'en' } });
    expect(body).toContain('<html lang="es-MX"');
    expect(body).toContain('<option value="es" lang="es" selected>Español</option>');

    const saved = await test.submit(reader.preferences, { act: 'save', language: 'en' });

    expect(saved.body).toContain('Your choices are saved.');
    expect(await test.chosen(reader)).toMatchObject({ locale: 'en' });
  });

  it('keeps its region while it is not changed', async () => {
    const reader = await test.onboardReader({ preferred_locales: ['es-MX'] });

    await test.submit(reader.preferences, { act: 'save', language: 'es' });

    expect(await test.chosen(reader)).toMatchObject({ locale: 'es-MX' });
  });
});

describe('a form', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await test.onboardReader();
  });

  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['no button', { 'onboarding_guide.email': 'off' }],
    ['another button', { act: 'delete', 'onboarding_guide.email': 'off' }],
    ['a value that is none', { act: 'save', 'onboarding_guide.email': 'maybe' }],
    ['an empty value', { act: 'save', 'onboarding_guide.email': '' }],
    ['a language we do not speak', { act: 'save', language: 'tlh' }],
    ['a language that is none', { act: 'save', language: '__proto__' }],
  ])('with %s is refused and changes nothing', async (_, form) => {
    const before = await test.chosen(reader);

    const { status, body } = await test.submit(reader.preferences, form);

    expect([status, body.includes('Nothing was changed')]).toEqual([400, true]);
    expect(await test.chosen(reader)).toEqual(before);
  });

  it.each<[string, Record<string, string>]>([
    ['what is always sent', { 'welcome.email': 'off', 'portal_access.email': 'off' }],
    ['kinds that there are not', { 'nothing.email': 'off', '__proto__.email': 'off' }],
    ['channels that there are not', { 'onboarding_guide.sms': 'off', 'onboarding_guide.__proto__': 'off' }],
    ['what is not of this page', { timezone: 'UTC', customerId: 'x', invoiceDelivery: 'none' }],
  ])('that names %s changes nothing', async (_, form) => {
    const before = await test.chosen(reader);

    expect((await test.submit(reader.preferences, { act: 'save', ...form })).status).toBe(200);

    expect(await test.chosen(reader)).toEqual(before);
  });

  it.each([
    ['JSON', 200, 'application/json', '{"act":"save"}'],
    ['JSON of other types', 400, 'application/json', '{"act":["save"],"onboarding_guide.email":{"on":1}}'],
    ['malformed JSON', 400, 'application/json', '{"act":'],
    ['a text', 415, 'text/plain', 'act=save'],
    ['9 KB', 413, 'application/x-www-form-urlencoded', `act=${'a'.repeat(9000)}`],
  ])('as %s is answered %i, never 500', async (_, status, type, body) => {
    const headers = { 'content-type': type };
    expect((await test.visit(reader.preferences, { method: 'POST', headers, body })).status).toBe(status);
  });

  it.each(['PUT', 'PATCH', 'DELETE'])('is not sent by %s', async (method) => {
    expect((await test.visit(reader.preferences, { method })).status).toBe(404);
  });
});

describe('a message that waits while its kind is switched off', () => {
  it('is not sent', async () => {
    const quiet = await ChoicesTest.start({ env: { QUIET_HOURS: hoursAround(new Date()) } });
    onTestFinished(() => quiet.stop());
    const customer = await quiet.onboard();
    const [first] = await waitFor('two mails', () => {
      const mails = quiet.service.smtp.to(customer.email);
      return mails.length === 2 ? mails : null;
    });

    await quiet.submit(preferencesIn(first!), { act: 'save', 'onboarding_guide.email': 'off' });

    await makeEverythingDue(quiet.service.database);
    const ended = await waitForEach(quiet.service, customer, 'each ended', hasEnded);
    expect(ended.map(({ status, reason }) => [status, reason])).toEqual([
      ['sent', null],
      ['suppressed', 'preferences'],
      ['sent', null],
    ]);
    expect(quiet.service.smtp.to(customer.email)).toHaveLength(2);
  });
});
