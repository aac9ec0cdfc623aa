import { afterEach, describe, expect, it } from 'vitest';
import { MailCaps } from '../../src/notifications/limits/mail-caps.service.js';
import { subjectOf } from '../../src/platform/rate-limits/request-counts.queries.js';
import { ChoicesTest } from '../support/pages/choices.js';
import { makeEverythingDue } from '../support/jobs.js';
import { readMetric } from '../support/metrics.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const HOUR_MS = 3_600_000;
const SPREAD_MS = 30_000;

let test: ChoicesTest;
afterEach(() => test.stop());

/** Mails are counted per hour, so no test starts so late in an hour that it would reach the next one. */
async function start(env: Record<string, string>): Promise<void> {
  await waitFor('time left in the hour', () => Date.now() % HOUR_MS < HOUR_MS - 20_000);
  test = await ChoicesTest.start({ env });
}

interface Waiting {
  reason: string;
  attempts: number;
  nextAttemptAt: Date;
}

/** Waits until every notification was sent or postponed. */
async function settle(service: TestApp = test.service): Promise<{ sent: number; waiting: Waiting[] }> {
  return waitFor('each sent or put off', async () => {
    const rows = await service.database.rows<Waiting & { status: string }>(
      `select status, reason, attempts, next_attempt_at as "nextAttemptAt" from notifications`,
    );
    const waiting = rows.filter(({ status }) => status === 'queued');
    return waiting.every(({ reason }) => reason) ? { sent: rows.length - waiting.length, waiting } : null;
  });
}

/** Makes the counted mails older. */
const letPass = (hours: number) =>
  test.service.database.rows(`update request_counts set hour = hour - make_interval(hours => $1)`, [hours]);

describe('a mailbox', () => {
  it('gets no more per day than its cap, with any number of customers with its address', async () => {
    await start({ MAIL_MAX_PER_RECIPIENT_DAY: '5', SMTP_MAX_CONNECTIONS: '1' });
    for (let customer = 0; customer < 12; customer += 1) await test.onboard({ email: 'victim@x.example' });

    const { sent, waiting } = await settle();

    expect(sent).toBe(5);
    expect(test.service.smtp.to('victim@x.example')).toHaveLength(5);
    expect(waiting).toHaveLength(31);
    const day = Date.now() + 24 * HOUR_MS;
    for (const { reason, attempts, nextAttemptAt } of waiting) {
      expect({ reason, attempts }).toEqual({ reason: 'recipient_cap', attempts: 0 });
      expect(nextAttemptAt.getTime()).toBeGreaterThan(day - HOUR_MS);
      expect(nextAttemptAt.getTime()).toBeLessThan(day + SPREAD_MS);
    }
    expect(await readMetric(test.service.url, 'mail_caps_reached_total', { cap: 'recipient_cap' })).toBe(31);
  });

  it.each([
    ['in capitals', ['ada@x.example', 'ADA@X.EXAMPLE', 'Ada@x.example']],
    ['with tags', ['ada@x.example', 'ada+1@x.example', 'ada+2+3@x.example']],
    ['with dots at Gmail', ['ada.l@gmail.com', 'a.dal@gmail.com', 'adal+x@gmail.com']],
    ['as punycode', ['ada@jõgeva.example', 'ada@xn--jgeva-dua.example', 'ADA@JÕGEVA.example']],
  ])('is the same mailbox %s', async (_, addresses) => {
    await start({ MAIL_MAX_PER_RECIPIENT_DAY: '3', SMTP_MAX_CONNECTIONS: '1' });
    for (const email of addresses) await test.onboard({ email });

    expect((await settle()).sent).toBe(3);
  });

  it.each([
    ['of another local part', ['ada@x.example', 'a.da@x.example']],
    ['of another domain', ['ada@x.example', 'ada@y.example']],
    ['that begins with its tag', ['+ada@x.example', '+eve@x.example']],
  ])('is another mailbox %s', async (_, addresses) => {
    await start({ MAIL_MAX_PER_RECIPIENT_DAY: '3', SMTP_MAX_CONNECTIONS: '1' });
    for (const email of addresses) await test.onboard({ email });

    expect((await settle()).sent).toBe(6);
  });

  it('gets the rest later: nothing is lost', async () => {
    await start({ MAIL_MAX_PER_RECIPIENT_DAY: '4', SMTP_MAX_CONNECTIONS: '1' });
    for (const _ of [1, 2, 3]) await test.onboard({ email: 'ada@x.example' });
    expect((await settle()).sent).toBe(4);

    for (const expected of [8, 9]) {
      await letPass(24);
      await test.service.database.rows(`update notifications set reason = null where status = 'queued'`);
      await makeEverythingDue(test.service.database);
      expect((await settle()).sent).toBe(expected);
    }

    expect(test.service.smtp.to('ada@x.example')).toHaveLength(9);
  });

  it('does not count mails that were not sent', async () => {
    await start({ MAIL_MAX_PER_RECIPIENT_DAY: '3' });
    await test.service.smtp.stop();
    await test.onboard({ email: 'ada@x.example' });
    await settle();

    expect(await test.service.database.count('request_counts')).toBe(0);
  });

  it('gets at most one more mail for each worker that sends at the same moment', async () => {
    const env = { MAIL_MAX_PER_RECIPIENT_DAY: '5', SMTP_MAX_CONNECTIONS: '2' };
    await start(env);
    const { database, smtp } = test.service;
    const second = await TestApp.start({ jobs: true, database, smtp, env });
    const customers = Array.from({ length: 12 }, () => test.onboard({ email: 'victim@x.example' }));
    await Promise.all(customers);

    const { sent } = await settle();
    await second.stop();

    expect(sent).toBeGreaterThanOrEqual(5);
    expect(sent).toBeLessThanOrEqual(5 + 2 * 2 - 1);
  });
});

describe('a domain', () => {
  it('gets no more per hour than its cap, over all its recipients', async () => {
    await start({ MAIL_MAX_PER_DOMAIN_HOUR: '7', SMTP_MAX_CONNECTIONS: '1' });
    for (let person = 0; person < 4; person += 1) await test.onboard({ email: `p${person}@x.example` });
    await test.onboard({ email: 'ada@y.example' });

    const { sent, waiting } = await settle();

    expect(sent).toBe(7 + 3);
    const nextHour = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
    for (const { reason, nextAttemptAt } of waiting) {
      expect(reason).toBe('domain_cap');
      expect(nextAttemptAt.getTime()).toBeGreaterThanOrEqual(nextHour);
      expect(nextAttemptAt.getTime()).toBeLessThan(nextHour + SPREAD_MS);
    }
  });

  it('gets no more per day than its cap', async () => {
    await start({ MAIL_MAX_PER_DOMAIN_DAY: '4', SMTP_MAX_CONNECTIONS: '1' });
    await test.onboard({ email: 'ada@x.example' });
    await settle();
    await letPass(5);
    await test.onboard({ email: 'eve@x.example' });

    const { sent, waiting } = await settle();

    expect([sent, waiting.map(({ reason }) => reason)]).toEqual([4, ['domain_cap', 'domain_cap']]);
    const left = Date.now() + 19 * HOUR_MS;
    for (const { nextAttemptAt } of waiting) {
      expect(Math.abs(nextAttemptAt.getTime() - left)).toBeLessThan(HOUR_MS + SPREAD_MS);
    }
  });

  it.each([
    ['a public mailbox provider', 'gmail.com'],
    ['one that is exempt here', 'Big.example'],
  ])('has no cap as %s', async (_, domain) => {
    await start({
      MAIL_MAX_PER_DOMAIN_HOUR: '1',
      MAIL_MAX_PER_DOMAIN_DAY: '1',
      MAIL_CAP_EXEMPT_DOMAINS: 'big.example,other.example',
    });
    await test.onboard({ email: `ada@${domain}` });

    expect((await settle()).sent).toBe(3);
  });
});

describe('without caps', () => {
  it('nothing is counted and everything is sent', async () => {
    await start({
      MAIL_MAX_PER_RECIPIENT_DAY: '0',
      MAIL_MAX_PER_DOMAIN_HOUR: '0',
      MAIL_MAX_PER_DOMAIN_DAY: '0',
    });
    for (const _ of [1, 2, 3]) await test.onboard({ email: 'ada@x.example' });

    expect((await settle()).sent).toBe(9);
    expect(await test.service.database.count('request_counts')).toBe(0);
  });
});

describe('a mail that waits for another to be counted', () => {
  it('continues after that one was counted, although it was sent again', async () => {
    await start({ MAIL_MAX_PER_RECIPIENT_DAY: '4' });
    const { app, database } = test.service;
    const caps = app.get(MailCaps);
    const mail = (id: string, email: string) => ({ id, kind: 'welcome', email });
    const [first, again] = [mail('1', 'a@firm.example'), mail('1', 'a@firm.example')];
    const near = mail('2', 'b@firm.example');
    await database.rows(
      `insert into request_counts (subject, hour, count) values ($1, date_trunc('hour', now(), 'UTC'), 2)`,
      [subjectOf('mail to b@firm.example')],
    );
    const reached = async (one: typeof near) =>
      caps.reachedBy(one, await caps.countsOf([one.email]), new Date());

    expect(await reached(first)).toBeNull();
    const waiting = reached(near);
    expect(await reached(again)).toBeNull();
    caps.settle(first);

    caps.settle(again);
    expect(await waiting).toBeNull();
  });
});
