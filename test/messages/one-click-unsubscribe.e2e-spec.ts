import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  ChoicesTest,
  headerOf,
  preferencesIn,
  publicUrlOf,
  type Reader,
  tamper,
} from '../support/pages/choices.js';
import { TestDatabase } from '../support/database/test-database.js';
import { LINK_KEY } from '../support/process/test-environment.js';

let test: ChoicesTest;

beforeAll(async () => {
  test = await ChoicesTest.start();
});
afterAll(() => test.stop());

const ONE_CLICK = { 'List-Unsubscribe': 'One-Click' };
const asFormData = (fields: Record<string, string>) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
};
const isSubscribed = async (reader: Reader) => {
  const { notifications } = await test.chosen(reader);
  return (notifications.onboarding_guide as { email: boolean }).email;
};

describe('a mail', () => {
  it('of an optional kind can be unsubscribed from, by https and both headers of RFC 8058', async () => {
    const { email, unsubscribe, preferences } = await test.onboardReader();
    const guide = test.service.smtp.to(email).find((sunk) => headerOf(sunk, 'list-unsubscribe-post'));

    expect(headerOf(guide!, 'list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    expect(guide?.mail.subject).toBe('Your first week with MINGUS');
    for (const part of [guide?.mail.html, guide?.mail.text]) {
      expect(part).toContain(publicUrlOf(unsubscribe));
      expect(part).toContain(publicUrlOf(preferences));
    }
  });

  it('that the account needs has no such headers, but links to the preference page', async () => {
    const { email, preferences } = await test.onboardReader();
    const others = test.service.smtp.to(email).filter(({ mail }) => !/first week/.test(mail.subject ?? ''));

    expect(others).toHaveLength(2);
    for (const sunk of others) {
      expect(headerOf(sunk, 'list-unsubscribe') + headerOf(sunk, 'list-unsubscribe-post')).toBe('');
      expect(preferencesIn(sunk)).toBe(preferences);
      expect(sunk.mail.html).toContain(publicUrlOf(preferences));
      expect(`${sunk.mail.html}${sunk.mail.text}`).not.toContain('/unsubscribe/');
    }
  });

  it('holds no personal data in its links', async () => {
    const { id, email, preferences, unsubscribe } = await test.onboardReader();

    for (const personal of [id, email, email.split('@')[0] ?? email]) {
      expect(preferences + unsubscribe).not.toContain(personal);
    }
  });
});

describe('one click', () => {
  it.each([
    ['application/x-www-form-urlencoded', ONE_CLICK],
    ['application/x-www-form-urlencoded, with a line end', { 'List-Unsubscribe': 'One-Click\r\n' }],
    ['multipart/form-data', asFormData(ONE_CLICK)],
  ])('as %s unsubscribes: no redirect, no cookie, nothing else needed', async (_, form) => {
    const reader = await test.onboardReader();

    const { status, headers, body } = await test.submit(reader.unsubscribe, form);

    expect(status).toBe(200);
    expect([headers.get('location'), headers.get('set-cookie')]).toEqual([null, null]);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toContain('You are unsubscribed');
    expect(await isSubscribed(reader)).toBe(false);
    expect(await test.auditOf(reader)).toMatchObject([
      {
        actorType: 'customer',
        source: 'one_click',
        details: {
          before: { notifications: { onboarding_guide: { email: true } } },
          after: { notifications: { onboarding_guide: { email: false }, welcome: { email: true } } },
        },
      },
    ]);
  });

  it.each([
    ['without quotes', 'Content-Disposition: form-data; name=List-Unsubscribe', 'One-Click'],
    ['without blanks', 'Content-Disposition:form-data;name="List-Unsubscribe"', 'One-Click'],
    [
      'with a line end in the value',
      'Content-Disposition: form-data; name="List-Unsubscribe"',
      'One-Click\r\n',
    ],
    [
      'with a type and a length',
      'Content-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\nContent-Disposition: form-data; name=List-Unsubscribe',
      'One-Click',
    ],
  ])('unsubscribes with the field of a form written %s', async (_, header, value) => {
    const reader = await test.onboardReader();
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const body = `--x\r\n${header}\r\n\r\n${value}\r\n--x--`;

    const answer = await test.visit(reader.unsubscribe, { method: 'POST', headers, body });

    expect(answer.status).toBe(200);
    expect(await isSubscribed(reader)).toBe(false);
  });

  it('again changes and records nothing, also in parallel', async () => {
    const reader = await test.onboardReader();

    const answers = await Promise.all(
      Array.from({ length: 16 }, () => test.submit(reader.unsubscribe, ONE_CLICK)),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(200));
    expect(await test.auditOf(reader)).toHaveLength(1);
  });

  it('also works for a deleted customer', async () => {
    const reader = await test.onboardReader();
    await test.service.database.rows(
      `update customers set deleted_at = now() where stripe_customer_id = $1`,
      [reader.id],
    );

    expect((await test.submit(reader.unsubscribe, ONE_CLICK)).status).toBe(200);
    expect(await isSubscribed(reader)).toBe(false);
  });

  it.each(['GET', 'HEAD'])('has to be a POST: %s shows a button and changes nothing', async (method) => {
    const reader = await test.onboardReader();

    for (let visit = 0; visit < 5; visit += 1) {
      const { status, headers, body } = await test.visit(reader.unsubscribe, { method });
      expect([status, headers.get('set-cookie')]).toEqual([200, null]);
      if (method === 'GET') expect(body).toContain('<button>Unsubscribe</button>');
    }

    expect(await isSubscribed(reader)).toBe(true);
    expect(await test.auditOf(reader)).toEqual([]);
  });

  it.each<[string, number, Record<string, string>, string | undefined]>([
    ['nothing', 400, {}, undefined],
    ['an empty form', 400, { 'content-type': 'application/x-www-form-urlencoded' }, ''],
    ['another value', 400, { 'content-type': 'application/x-www-form-urlencoded' }, 'List-Unsubscribe=Yes'],
    ['another field', 400, { 'content-type': 'application/x-www-form-urlencoded' }, 'unsubscribe=One-Click'],
    ['a form without its boundary', 400, { 'content-type': 'multipart/form-data' }, 'List-Unsubscribe'],
    ['a broken form', 400, { 'content-type': 'multipart/form-data; boundary=x' }, '--x\r\nContent-Di'],
    ['a file', 400, { 'content-type': 'multipart/form-data; boundary=x' }, aFile('List-Unsubscribe')],
    ['malformed JSON', 400, { 'content-type': 'application/json' }, '{'],
    ['a list', 400, { 'content-type': 'application/json' }, '["One-Click"]'],
    ['null', 400, { 'content-type': 'application/json' }, 'null'],
    ['a text', 415, { 'content-type': 'text/plain' }, 'List-Unsubscribe=One-Click'],
    ['9 KB', 413, { 'content-type': 'application/x-www-form-urlencoded' }, `a=${'a'.repeat(9000)}`],
  ])('with %s is refused with %i and changes nothing', async (_, status, headers, body) => {
    const answer = await test.visit(subscribed.unsubscribe, { method: 'POST', headers, body });

    expect(answer.status).toBe(status);
    expect(await isSubscribed(subscribed)).toBe(true);
  });

  let subscribed: Reader;
  beforeAll(async () => {
    subscribed = await test.onboardReader();
  });
});

describe('an invalid link', () => {
  let reader: Reader;
  let unknown: string;

  beforeAll(async () => {
    reader = await test.onboardReader();
    ({ body: unknown } = await test.visit('/unsubscribe/onboarding_guide/nothing'));
  });

  it.each<[string, (path: string) => string]>([
    ['of another key', (path) => tamper(path, 4)],
    ['of another customer', (path) => tamper(path, 12)],
    ['of a customer spelled otherwise', (path) => tamper(path, 30)],
    ['with another signature', (path) => tamper(path, 40)],
    ['with another end', (path) => tamper(path, -1)],
    ['that is cut off', (path) => path.slice(0, -1)],
    ['that is longer', (path) => `${path}A`],
    ['of a kind that cannot be chosen', (path) => path.replace('onboarding_guide', 'welcome')],
    ['of a kind that there is not', (path) => path.replace('onboarding_guide', '__proto__')],
    [
      'of the preference page',
      () => reader.preferences.replace('preferences', 'unsubscribe/onboarding_guide'),
    ],
    ['with a NUL', (path) => `${path.slice(0, -3)}%00`],
    ['in SQL', (path) => path.replace(/ml_.*/, "ml_'%20or%20true--")],
    ['in half a character', (path) => path.replace(/ml_.*/, 'ml_%C3%A9')],
  ])('%s is answered like any other, and changes nothing', async (_, forge) => {
    const path = forge(reader.unsubscribe);

    const shown = await test.visit(path);
    const posted = await test.submit(path, ONE_CLICK);

    expect([shown.status, posted.status]).toEqual([404, 404]);
    expect([shown.body, posted.body]).toEqual([unknown, unknown]);
    expect(unknown).toContain('This link does not work');
    expect(await isSubscribed(reader)).toBe(true);
  });

  it('does not open the preference page either', async () => {
    const path = `/preferences/${reader.unsubscribe.split('/').at(-1)}`;

    expect(await test.visit(path)).toMatchObject({ status: 404, body: unknown });
    expect(await test.submit(path, { act: 'none' })).toMatchObject({ status: 404, body: unknown });
  });
});

describe('with a new key', () => {
  it('old links work while their key is listed', async () => {
    const database = await TestDatabase.create();
    const { smtp } = test.service;
    const restart = (LINK_SIGNING_KEYS: string) =>
      ChoicesTest.start({ database, smtp, env: { LINK_SIGNING_KEYS } });
    onTestFinished(() => database.drop());
    const newKey = '9d2c7b50e1a84f63b7d01c2e3f405162';

    const first = await restart(LINK_KEY);
    const old = await first.onboardReader();
    await first.stop();
    const second = await restart(`${newKey},${LINK_KEY}`);
    const recent = await second.onboardReader();
    const oldWhileListed = await second.visit(old.preferences);
    await second.stop();
    const third = await restart(newKey);
    onTestFinished(() => third.stop());

    expect(oldWhileListed.status).toBe(200);
    expect((await third.visit(recent.preferences)).status).toBe(200);
    expect((await third.visit(old.preferences)).status).toBe(404);
  });
});

function aFile(name: string): string {
  const head = `Content-Disposition: form-data; name="${name}"; filename="x.txt"`;
  return `--x\r\n${head}\r\nContent-Type: text/plain\r\n\r\nOne-Click\r\n--x--\r\n`;
}
