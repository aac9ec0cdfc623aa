import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('the messages of a customer that is linked', () => {
  let service: TestApp;
  let smtp: SmtpSink;
  /** Messages that the mail server has not answered yet, by recipient. */
  const held = new Map<string, Promise<null>>();
  /** Recipients of messages that were handed over, answered or not. */
  const begun = new Set<string>();

  beforeAll(async () => {
    const onMessage = ([recipient = '']: string[]) => {
      begun.add(recipient);
      return held.get(recipient) ?? null;
    };
    smtp = await SmtpSink.start({ onMessage });
    service = await TestApp.start({ smtp });
  });
  afterAll(async () => {
    await service.stop();
    await smtp.stop();
  });

  const link = (customer: { id: string }, userId: string) =>
    service.admin(`customers/${customer.id}/link`, { userId });
  const unlink = (customer: { id: string }) => service.admin(`customers/${customer.id}/unlink`, {});
  const notificationsOf = async (customer: { id: string }) =>
    (await service.admin(`customers/${customer.id}`)).body.notifications as Fields[];
  const statusesOf = async (customer: { id: string }) =>
    (await notificationsOf(customer)).map(({ status }) => status);
  const subjectsTo = (customer: { email: string }) => smtp.to(customer.email).map(({ mail }) => mail.subject);

  /** Runs jobs until none is due. */
  async function runJobs() {
    await service.app.get(JobRunner).start();
    await waitFor('no job left', async () => (await service.database.count('graphile_worker.jobs')) === 0);
    await service.app.get(JobRunner).stop();
  }

  async function aLinked() {
    const user = await service.createUser();
    const customer = aCustomer({ metadata: user.metadata });
    await service.deliver(anEvent(customer));
    return { customer, user };
  }

  it('do not leave while it is unlinked, and leave once each when it is linked again', async () => {
    const { customer, user } = await aLinked();
    await unlink(customer);
    await link(customer, user.id);
    await unlink(customer);
    await runJobs();
    const whileUnlinked = subjectsTo(customer);

    await link(customer, user.id);
    await runJobs();

    expect(whileUnlinked).toEqual([]);
    expect(new Set(subjectsTo(customer)).size).toBe(3);
    expect(subjectsTo(customer)).toHaveLength(3);
  });

  it('leave once each, although the jobs of the cancelled and of the new notifications run together', async () => {
    const { customer, user } = await aLinked();
    const other = await service.createUser();
    for (const userId of [other.id, user.id, other.id]) await link(customer, userId);

    await runJobs();

    expect(subjectsTo(customer)).toHaveLength(3);
  });

  it('are not repeated to the same address after the customer is linked to another user', async () => {
    const { customer, user } = await aLinked();
    const other = await service.createUser();
    await runJobs();

    await unlink(customer);
    await link(customer, user.id);
    const relinked = await link(customer, other.id);
    await runJobs();

    expect(relinked.body.changes).toEqual([`Linked to user: ${other.id}`]);
    expect(subjectsTo(customer)).toHaveLength(3);
    expect((await notificationsOf(customer)).map(({ userId, status }) => `${userId} ${status}`)).toEqual(
      Array(3).fill(`${other.id} sent`),
    );
  });

  it('count for the user it is linked to; its former user is welcomed with another customer', async () => {
    const { customer, user } = await aLinked();
    const other = await service.createUser();
    await runJobs();
    await link(customer, other.id);

    const ofOther = await service.deliver(anEvent(aCustomer({ metadata: other.metadata })));
    const own = aCustomer({ metadata: user.metadata });
    await service.deliver(anEvent(own));
    await runJobs();

    expect(ofOther.body.notifications_sent).toBe(0);
    expect(subjectsTo(own)).toHaveLength(3);
  });

  it('are not queued for a user who had them for another customer', async () => {
    const first = await aLinked();
    const second = await aLinked();

    const { body } = await link(second.customer, first.user.id);
    await runJobs();

    expect(body.changes).toEqual([`Linked to user: ${first.user.id}`]);
    expect(subjectsTo(second.customer)).toEqual([]);
    expect(subjectsTo(first.customer)).toHaveLength(3);
  });

  it('that were being handed over when it was unlinked are sent, and not sent again', async () => {
    const { customer, user } = await aLinked();
    let letGo: () => void = () => undefined;
    held.set(customer.email, new Promise<null>((resolve) => (letGo = () => resolve(null))));
    await service.database.rows(`delete from notifications where user_id = $1 and kind <> 'welcome'`, [
      user.id,
    ]);
    const runs = runJobs();
    await waitFor('handed over', () => begun.has(customer.email));

    await unlink(customer);
    const whileHandedOver = await statusesOf(customer);
    letGo();
    await runs;
    await link(customer, user.id);
    await runJobs();

    expect(whileHandedOver).toEqual(['cancelled']);
    const welcomes = subjectsTo(customer).filter((subject) => subject?.startsWith('Welcome'));
    expect(welcomes).toHaveLength(1);
    expect(await statusesOf(customer)).toEqual(['sent', 'sent', 'sent']);
  });

  it('queued by a transaction that did not see the unlinking are cancelled when they are due', async () => {
    const { customer } = await aLinked();
    await service.database.rows('update customers set user_id = null where stripe_customer_id = $1', [
      customer.id,
    ]);

    await runJobs();

    expect(subjectsTo(customer)).toEqual([]);
    expect((await notificationsOf(customer)).map(({ status, reason }) => `${status} ${reason}`)).toEqual(
      Array(3).fill('cancelled customer_unlinked'),
    );
  });
});
