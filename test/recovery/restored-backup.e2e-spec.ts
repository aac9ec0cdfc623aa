import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotificationOperations } from '../../src/notifications/notification-operations.service.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { reconcile } from '../support/reconciliations.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';
import { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

const AN_HOUR_AGO = Math.floor(Date.now() / 1000) - 3600;
const MAILS = 3;

describe('a database restored from a backup', () => {
  let stripe: FakeStripe;
  let smtp: SmtpSink;
  let lost: TestDatabase;
  let service: TestApp;
  const before = aCustomer({ created: AN_HOUR_AGO });
  const queued = aCustomer({ created: AN_HOUR_AGO });
  const after = aCustomer({ created: AN_HOUR_AGO });

  const start = (database: TestDatabase, jobs: boolean) => {
    const env = { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url, STRIPE_RATE_LIMIT: '0' };
    return TestApp.start({ database, smtp, jobs, env });
  };
  const arrive = async (to: TestApp, customer: typeof before) => {
    customer.metadata = (await to.createUser()).metadata;
    stripe.put(customer);
    expect((await to.deliver(anEvent(customer))).status).toBe(200);
  };
  const untilMailed = (...customers: (typeof before)[]) =>
    waitFor('all mails', () => customers.every(({ email }) => smtp.to(email).length === MAILS));

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    smtp = await SmtpSink.start();
    lost = await TestDatabase.create();
    const first = await start(lost, true);
    await arrive(first, before);
    await untilMailed(before);
    await first.stop();
    const withoutJobs = await start(lost, false);
    await arrive(withoutJobs, queued);
    await withoutJobs.stop();
    const backup = await lost.copy();
    const second = await start(lost, true);
    await arrive(second, after);
    await untilMailed(queued, after);
    const { rows } = {
      rows: await lost.rows(`select * from users where id = $1`, [after.metadata?.mingus_user_id]),
    };
    await second.stop();
    // MINGUS registers its users again.
    await backup.rows('insert into users select * from json_populate_recordset(null::users, $1)', [
      JSON.stringify(rows),
    ]);
    service = await start(backup, false);
    expect(await service.app.get(NotificationOperations, { strict: false }).holdQueued()).toBe(MAILS);
    await service.stop();
    service = await start(backup, true);
  });
  afterAll(async () => {
    await service.stop();
    await Promise.all([smtp.stop(), stripe.stop(), lost.drop()]);
  });

  it('is filled again from Stripe', async () => {
    const { report } = await reconcile(service, { notify: 'none' });

    expect(report.status).toBe('complete');
    const customers = await service.database.rows<{ id: string }>(
      'select stripe_customer_id as id from customers',
    );
    expect(customers.map(({ id }) => id).toSorted()).toEqual([before.id, queued.id, after.id].toSorted());
    expect((await reconcile(service, { notify: 'none' })).report.counts.customers).toMatchObject({
      missing: 0,
      different: 0,
    });
  });

  it('repeats no mail: queued messages are held, those of found customers are suppressed', async () => {
    await waitFor(
      'no job is due',
      async () => (await service.database.count('graphile_worker._private_jobs')) === 0,
    );

    for (const { email } of [before, queued, after]) expect(smtp.to(email)).toHaveLength(MAILS);
    const states = await service.database.rows<{ state: string }>(
      `select concat_ws(' ', status, reason) as state from notifications order by 1`,
    );
    expect(states.map(({ state }) => state)).toEqual([
      ...Array(MAILS).fill('held restored_backup'),
      ...Array(MAILS).fill('sent'),
      ...Array(MAILS).fill('suppressed imported'),
    ]);
  });

  it('lets an operator send messages that the mail server did not get, with both acts in the audit', async () => {
    const [held] = await service.database.rows<{ id: string }>(
      `select id from notifications where status = 'held' limit 1`,
    );
    await service.admin(`notifications/${held?.id}/resend`, {});
    await waitFor('the mail', () => smtp.to(queued.email).length === MAILS + 1);
    const acts = await service.database.rows<{ action: string }>(
      `select action from audit_entries where object_id = $1 and actor_type = 'operator' order by id`,
      [held?.id],
    );
    expect(acts.map(({ action }) => action)).toEqual(['notification.held', 'notification.resent']);
  });
});
