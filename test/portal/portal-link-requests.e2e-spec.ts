import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subjectOf } from '../../src/platform/rate-limits/request-counts.queries.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { untilNoJob } from '../support/jobs.js';
import { PortalTest } from '../support/portal.js';
import type { Answer } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const SUBJECT = 'Your link to the MINGUS billing portal';
let clients = 0;

describe('asking for a new link', () => {
  let test: PortalTest;

  beforeAll(async () => {
    test = await PortalTest.start({ TRUSTED_PROXIES: '127.0.0.1' });
  });
  afterAll(() => test.stop());

  /** Requests a link from a new client address, unless one is given. */
  function ask(email: string, ip = `198.51.100.${(clients += 1)}`): Promise<Answer> {
    return test.submit('/portal/links', { email }, { 'x-forwarded-for': ip });
  }

  const mailsTo = (email: string) =>
    test.service.smtp.to(email).filter(({ mail }) => mail.subject === SUBJECT);
  const jobsDone = () => untilNoJob(test.service.database, 'send-portal-link');
  const queuedFor = (email: string) =>
    test.service.database.count(
      'notifications',
      `kind = 'portal_link' and customer_id = (select id from customers where email = '${email}')`,
    );

  it('brings a mail whose link opens the portal, each time', async () => {
    const { customer, link } = await test.onboardWithLink();
    await test.submit(link);

    for (const count of [1, 2]) {
      await ask(customer.email.toUpperCase());
      await waitFor('mail', () => mailsTo(customer.email).length === count);
    }
    expect((await test.submit(await test.mailedLink(customer.email, SUBJECT))).status).toBe(303);
  });

  it.each(['x@xn--bcher-kva.example', 'x@b\u00fccher.example'])(
    'finds an international address as the browser sends it: %s',
    async (asked) => {
      const local = `x${(clients += 1)}@`;
      await test.onboard({ email: `${local}b\u00fccher.example` });

      await ask(asked.replace('x@', local));

      const isSent = ({ recipients, mail }: { recipients: string[]; mail: { subject?: string } }) =>
        mail.subject === SUBJECT && recipients.some((recipient) => recipient.startsWith(local));
      await waitFor('mail', () => test.service.smtp.mails.some(isSent));
    },
  );

  it('is answered alike for all addresses: text, status and headers', async () => {
    const known = await test.onboard();
    const suspended = await test.onboard();
    await test.service.admin(`customers/${suspended.id}/portal-access/suspend`, { reason: 'test' });
    const pending = aCustomer();
    await test.service.deliver(anEvent(pending));

    const answers = [];
    for (const email of [known.email, suspended.email, pending.email, 'nobody@example.com']) {
      answers.push(await ask(email));
    }

    const shown = answers.map(({ status, headers, body }) => {
      const { date: _date, ...others } = Object.fromEntries(headers);
      return { status, headers: others, body };
    });
    expect(shown[0]?.status).toBe(200);
    for (const other of shown) expect(other).toEqual(shown[0]);
    await jobsDone();
    await waitFor('mail', () => mailsTo(known.email).length === 1);
    expect(mailsTo(suspended.email)).toEqual([]);
  });

  it.each([
    ['nothing', {}],
    ['an empty address', { email: '' }],
    ['no address', { email: 'nobody' }],
    ['two addresses', { email: 'a@example.com,b@example.com' }],
    ['a header', { email: 'a@example.com\r\nBcc: b@example.com' }],
    ['255 characters', { email: `${'a'.repeat(243)}@example.com` }],
    ['a script', { email: '"><script>alert(1)</script>@example.com' }],
    ['a NUL', { email: 'a\u0000@example.com' }],
  ])('is refused with %s', async (_, fields: Record<string, string>) => {
    const answer = await test.submit('/portal/links', fields);

    expect(answer.status).toBe(400);
    expect(answer.body).toContain('aria-invalid="true"');
    expect(answer.body).not.toContain('<script');
  });

  it.each([
    ['JSON', 200, 'application/json', '{"email":"nobody@example.com"}'],
    ['a form of 9 KB', 413, 'application/x-www-form-urlencoded', `email=${'a'.repeat(9000)}`],
    ['a text', 415, 'text/plain', 'email=nobody@example.com'],
    ['malformed JSON', 400, 'application/json', '{"email":'],
    ['a list', 400, 'application/json', '[]'],
  ])('with %s is answered %i, with a page', async (_, status, contentType, body) => {
    const answer = await test.visit('/portal/links', {
      method: 'POST',
      headers: { 'content-type': contentType, 'accept-language': 'es' },
      body,
    });

    expect(answer.status).toBe(status);
    expect(answer.body).toContain('<html lang="es"');
  });

  it('brings at most three mails an hour to one address, also with parallel requests', async () => {
    const customer = await test.onboard();

    for (let round = 0; round < 6; round += 1) {
      await Promise.all([ask(customer.email), ask(customer.email)]);
      await jobsDone();
    }

    await waitFor('mails', () => mailsTo(customer.email).length > 0);
    expect(await queuedFor(customer.email)).toBeLessThanOrEqual(3);
  });

  it.each([
    ['decomposed', 'e\u0301ve@c.example', '\u00e9ve@c.example'],
    ['of a decomposed domain', 'eve@bu\u0308cher.example', 'eve@b\u00fccher.example'],
    ['with capitals beyond ASCII', '\u00c9lan@a.example', '\u00c9lan@a.example'],
    ['with such a domain', 'eve@B\u00dcCHER2.example', 'eve@B\u00dcCHER2.example'],
  ])('finds an address that is stored %s', async (_, email, asked) => {
    await test.onboard({ email });

    await ask(asked);
    await jobsDone();

    expect(await queuedFor(email)).toBe(1);
  });

  it('counts all spellings of an address together', async () => {
    const local = `victim${(clients += 1)}`;
    await test.onboard({ email: `${local}@shop.example` });

    for (const domain of ['shop.example', '\u24e2hop.example', 's\u24d7op.example', 'sh\u24deP.example']) {
      await ask(`${local}@${domain}`);
      await jobsDone();
    }

    expect(await queuedFor(`${local}@shop.example`)).toBe(3);
  });

  it('brings at most ten mails a day to one address, so that other mails stay below the cap', async () => {
    const customer = await test.onboard();
    await test.service.database.rows(
      `insert into request_counts (subject, hour, count)
       select $1, date_trunc('hour', now(), 'UTC') - n * interval '1 hour', 7 from generate_series(1, 3) n`,
      [subjectOf(`portal link to address ${customer.email}`)],
    );

    await ask(customer.email);
    await jobsDone();
    await ask(customer.email);
    await jobsDone();

    expect(await queuedFor(customer.email)).toBe(1);
  });

  it('is refused after 20 requests an hour from one network, also with IPv6', async () => {
    const addresses = Array.from({ length: 30 }, (_, host) => `2001:db8:7:7::${host.toString(16)}`);

    const answers = await Promise.all(addresses.map((ip, i) => ask(`somebody-${i}@example.com`, ip)));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(10);
    expect(refused[0]?.headers.get('retry-after')).toBe('3600');
    expect((await ask('nobody@example.com', '2001:db8:7:8::1')).status).toBe(200);
  });
});
