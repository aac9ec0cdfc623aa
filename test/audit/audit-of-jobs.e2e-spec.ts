import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { hasEnded, isSent, onboard, waitForEach } from '../support/mail/deliveries.js';
import { smtpReply, SmtpSink } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';

let service: TestApp;
let smtp: SmtpSink;

beforeAll(async () => {
  smtp = await SmtpSink.start({
    onRcptTo: ({ address }, _session, callback) =>
      callback(address.startsWith('gone') ? smtpReply(554) : null),
  });
  service = await TestApp.start({ jobs: true, smtp });
});
afterAll(async () => {
  await service.stop();
  await smtp.stop();
});

const auditOf = async (objectId: string) =>
  (await service.admin(`audit-entries?objectId=${objectId}`)).body.items;

/** Fields of every audit entry about the end of a delivery. */
const BY_A_JOB = { actorType: 'system', source: 'job', objectType: 'notification', personal: null };

describe('what a job does is in the audit, with the job', () => {
  it('a message that was sent', async () => {
    const sent = await waitForEach(service, await onboard(service), 'each sent', isSent);

    for (const { id } of sent) {
      expect(await auditOf(id)).toMatchObject([
        {
          ...BY_A_JOB,
          action: 'notification.sent',
          jobId: expect.any(String),
          details: { channel: 'email' },
        },
      ]);
    }
  });

  it('a refused message, and a message to a suppressed address', async () => {
    const refused = await onboard(service, `gone.${Date.now()}@example.com`);
    const address = `quiet.${Date.now()}@example.com`;
    await service.admin('suppressions', { address });
    const suppressed = await onboard(service, address);

    const [failed] = await waitForEach(service, refused, 'each ended', hasEnded);
    const [kept] = await waitForEach(service, suppressed, 'each ended', hasEnded);

    expect(await auditOf(failed?.id ?? '')).toMatchObject([
      { ...BY_A_JOB, action: 'notification.failed', details: { reason: 'refused', attempts: 1 } },
    ]);
    expect(await auditOf(kept?.id ?? '')).toMatchObject([
      { ...BY_A_JOB, action: 'notification.suppressed', details: { reason: 'suppressed_address' } },
    ]);
  });

  it('but is shown once in the timeline', async () => {
    const customer = await onboard(service);
    await waitForEach(service, customer, 'each sent', isSent);

    const { body } = await service.admin(`customers/${customer.id}/timeline?limit=100`);

    const shown = (body.items as { type: string; what: string }[]).map(({ type, what }) => `${type} ${what}`);
    expect(shown.filter((item) => /sent|accepted/.test(item))).toEqual(Array(3).fill('attempt accepted'));
  });
});

describe('a user that an operator creates', () => {
  it("is in the audit with the stored values, and in the export of the person's data", async () => {
    const user = { id: `user-${Date.now()}`, email: 'eve@example.com', name: 'Eve' };
    await service.admin('users', user);

    const [entry] = await auditOf(user.id);

    expect(entry).toMatchObject({
      action: 'user.created',
      actorType: 'operator',
      personal: { email: user.email, name: user.name },
    });
    const customer = aCustomer({ metadata: { mingus_user_id: user.id } });
    await service.deliver(anEvent(customer));
    const { body } = await service.admin(`customers/${customer.id}/export`);
    expect(body.tables.audit_entries).toContainEqual(expect.objectContaining({ id: entry.id }));
  });
});
