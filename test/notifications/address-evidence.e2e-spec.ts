import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isSent, onboard, waitForEach } from '../support/mail/deliveries.js';
import { aBounce } from '../support/mail/mail-reports.js';
import { ScriptedSmtp } from '../support/mail/scripted-smtp.js';
import { runCommand } from '../support/process/command-line.js';
import { productionEnvironment } from '../support/process/service-process.js';
import { request, TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const SECRET = 'mail-hook-0123456789abcdef-fedcba9876543210';

let service: TestApp;

beforeAll(async () => {
  service = await TestApp.start({ jobs: true, env: { MAIL_WEBHOOK_SECRET: SECRET } });
});
afterAll(() => service.stop());

const suppressionsOf = async (email: string) =>
  (await service.admin(`suppressions?address=${encodeURIComponent(email)}`)).body.items;

async function bounce(id: string, diagnostic: string): Promise<string> {
  const [message] = await service.database.rows<{ email: string }>(
    'select c.email from notifications n join customers c on c.id = n.customer_id where n.id = $1',
    [id],
  );
  const named = { messageId: `<${id}@mingus.test>`, recipient: message?.email };
  const body = aBounce({ ...named, status: '5.0.0', diagnostic });
  const signature = `v1=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
  const headers = { 'content-type': 'message/rfc822', 'mail-signature': signature };
  return (await request(`${service.url}/webhooks/mail`, { method: 'POST', headers, body })).body.outcome;
}

async function aCustomerWithSentMails() {
  const customer = await onboard(service);
  const sent = await waitForEach(service, customer, 'each sent', isSent);
  return { customer, ids: sent.map(({ id }) => id as string) };
}

/** Makes the recorded failures older. */
const passDays = (days: number) =>
  service.database.rows(`update address_failures set failed_at = failed_at - $1 * interval '1 day'`, [days]);

describe('a refusal at delivery', () => {
  it.each([
    ['552 5.1.1 The mailbox is over quota'],
    ['550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery'],
    ['550 Your address has no PTR record'],
  ])('"%s" suppresses no address, and is not counted', async (reply) => {
    const server = await ScriptedSmtp.start((step) => (step === 'RCPT' ? reply : undefined));
    const refused = await TestApp.start({ jobs: true, env: { SMTP_PORT: String(server.port) } });
    onTestFinished(async () => {
      await refused.stop();
      await server.stop();
    });

    await onboard(refused);
    await waitFor('an attempt', async () => (await refused.database.count('notification_attempts')) > 0);

    expect(await refused.database.count('suppressions')).toBe(0);
    expect(await refused.database.count('address_failures')).toBe(0);
  });
});

describe('an address that fails without a known reason', () => {
  it('is suppressed at the third message on the third day', async () => {
    const { customer, ids } = await aCustomerWithSentMails();
    const [first = '', second = '', third = ''] = ids;

    expect(await bounce(first, 'smtp; 550 No')).toBe('bounce');
    await passDays(1);
    await bounce(second, 'smtp; 550 No');
    await passDays(1);
    expect(await suppressionsOf(customer.email)).toEqual([]);
    await bounce(third, 'smtp; 550 No');

    expect(await suppressionsOf(customer.email)).toMatchObject([
      { reason: 'hard_bounce', source: 'failures on three days, the last: dsn 5.0.0' },
    ]);
  });

  it('is not, by three messages of one day', async () => {
    const { customer, ids } = await aCustomerWithSentMails();
    for (const id of ids) await bounce(id, 'smtp; 550 No');
    expect(await suppressionsOf(customer.email)).toEqual([]);
  });

  it('is not, by failures that have another cause', async () => {
    const { customer, ids } = await aCustomerWithSentMails();
    for (const id of ids) {
      await bounce(id, 'smtp; 550 Mailbox full');
      await passDays(1);
    }
    expect(await suppressionsOf(customer.email)).toEqual([]);
  });

  it('is counted from zero after an operator removed its suppression', async () => {
    const { customer, ids } = await aCustomerWithSentMails();
    for (const id of ids) {
      await bounce(id, 'smtp; 550 No');
      await passDays(1);
    }
    const [suppression] = await suppressionsOf(customer.email);
    await service.admin(`suppressions/${suppression.id}`, undefined, 'DELETE');

    const { body } = await service.admin(`customers/${customer.id}/export`);
    expect(body.tables.address_failures).toEqual([]);
  });

  it('is erased with its person', async () => {
    const { customer, ids } = await aCustomerWithSentMails();
    await bounce(ids[0] ?? '', 'smtp; 550 No');
    const { body } = await service.admin(`customers/${customer.id}/export`);
    expect(body.tables.address_failures).toMatchObject([{ address: customer.email }]);

    await service.admin(`customers/${customer.id}/erase`, { confirm: customer.id });

    expect(await service.database.count('address_failures', `address = '${customer.email}'`)).toBe(0);
  });
});

describe('the review of suppressions', { timeout: 60_000 }, () => {
  const HELD = [
    'smtp 550 5.1.1',
    'dsn 5.1.10',
    'smtp 550 (no such user)',
    'failures on three days, the last: smtp 550',
  ];
  const UNFOUNDED = [
    'smtp 550',
    'smtp 553',
    'smtp 552 5.1.1',
    'smtp 550 5.2.1',
    'dsn 5.0.0',
    'smtp 550 (a former row)',
  ];

  const run = (...args: string[]) =>
    runCommand(
      ['suppressions', ...args],
      productionEnvironment(service.database.url, 25, { LOG_LEVEL: 'warn' }),
    );

  async function putSuppressions(): Promise<void> {
    await service.database.rows('delete from suppressions');
    for (const [index, source] of [...HELD, ...UNFOUNDED].entries()) {
      await service.database.rows(
        `insert into suppressions (id, address, reason, source, created_at, expires_at)
         values (gen_random_uuid(), $1, 'hard_bounce', $2, now(), now() + interval '1 day')`,
        [`a${index}@example.com`, source],
      );
    }
    await service.admin('suppressions', { address: 'manual@example.com' });
  }
  const sourcesLeft = async () =>
    (await service.database.rows('select source from suppressions')).map(({ source }) => source).toSorted();

  it('lists suppressions that the current rules would not make, and changes nothing', async () => {
    await putSuppressions();

    const { stdout, stderr, exitCode } = await run('review');

    expect(exitCode).toBe(0);
    const listed = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('  ')[2]);
    expect(listed.toSorted()).toEqual(UNFOUNDED.toSorted());
    expect(stderr).toContain('6 found');
    expect(await sourcesLeft()).toHaveLength(HELD.length + UNFOUNDED.length + 1);
  });

  it('removes them on request, which is audited', async () => {
    await putSuppressions();

    const { stderr, exitCode } = await run('review', '--lift');

    expect(exitCode).toBe(0);
    expect(stderr).toContain('6 lifted');
    expect(await sourcesLeft()).toEqual([...HELD, 'admin_api'].toSorted());
    const entries = await service.database.rows(
      `select count(*)::int from audit_entries
       where action = 'address_suppression.removed' and actor_type = 'operator' and source = 'cli'`,
    );
    expect(entries).toEqual([{ count: UNFOUNDED.length }]);
  });

  it.each([[[]], [['lift']], [['review', 'all']], [['review', '--force']]])(
    'is refused with %j',
    async (args) => {
      expect((await run(...args)).exitCode).toBe(2);
    },
  );
});
