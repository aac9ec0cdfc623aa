import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SignalRecorder } from '../../../src/monitoring/alerts/signals/signal-recorder.service.js';
import { AlertedService } from '../../support/alerts.js';
import { aCustomer, anEvent } from '../../support/builders.js';
import { smtpReply, SmtpSink } from '../../support/mail/smtp-sink.js';
import { readMetric } from '../../support/metrics.js';
import { TestApp } from '../../support/test-app.js';

const WAITED_SECONDS = 97;

describe('alerts and figures follow a repair', () => {
  let smtp: SmtpSink;
  let alerted: AlertedService;
  let takesRecipients = true;

  beforeAll(async () => {
    smtp = await SmtpSink.start({
      onRcptTo: (_address, _session, done) => done(takesRecipients ? null : smtpReply(554)),
    });
    alerted = await AlertedService.start({ smtp });
  });
  afterEach(async () => {
    takesRecipients = true;
    await alerted.service.database.rows('delete from signal_counts');
    await alerted.evaluate();
  });
  afterAll(async () => {
    await alerted.stop();
    await smtp.stop();
  });

  /** Events rejected by a process with a wrong setting. */
  async function rejected(count: number): Promise<void> {
    const { database } = alerted.service;
    const broken = await TestApp.start({ database, smtp, env: { STRIPE_LIVEMODE: 'true' } });
    for (let i = 0; i < count; i += 1) {
      const { metadata } = await broken.createUser();
      await broken.deliver(anEvent(aCustomer({ metadata })));
    }
    await broken.app.get(SignalRecorder).record();
    await broken.stop();
  }

  /** Makes all stored and counted data older by some seconds. */
  async function timePasses(seconds: number): Promise<void> {
    await alerted.service.database.rows(
      `update webhook_events set received_at = received_at - $1 * interval '1 second',
        first_decided_at = first_decided_at - $1 * interval '1 second',
        decided_at = decided_at - $1 * interval '1 second'`,
      [seconds],
    );
    await alerted.service.database.rows(
      `update signal_counts set minute = date_trunc('minute', minute - $1 * interval '1 second')`,
      [seconds],
    );
  }

  async function replayAll(): Promise<void> {
    await alerted.service.admin('webhook-event-replays', { filter: { outcome: 'rejected' } });
    await alerted.work();
  }

  const stateOf = async (name: string) => (await alerted.alert(name)).state;

  it('of rejected events that are replayed: nothing is counted twice, and their wait is not processing time', async () => {
    await rejected(4);
    await alerted.evaluate();
    expect(await stateOf('high_error_rate')).toBe('firing');
    await timePasses(WAITED_SECONDS);

    await replayAll();
    await alerted.evaluate();

    expect(await alerted.alert('high_error_rate')).toMatchObject({
      state: 'resolved',
      detail: '0 of 4 new customers of the last hour were not created',
    });
    const { body } = await alerted.service.admin('metrics/summary');
    expect(body.total).toMatchObject({
      customersCreated: 4,
      customersFailed: 0,
      creationSuccessRate: 1,
      errors: {},
    });
    expect(body.total.processingMsP95).toBeLessThan((WAITED_SECONDS / 2) * 1000);
    const ofEvents = { type: 'customer.created', outcome: 'created' };
    expect(await readMetric(alerted.service.url, 'webhook_events_total', ofEvents)).toBe(0);
    expect(await readMetric(alerted.service.url, 'webhook_event_redecisions_total', ofEvents)).toBe(4);
  });

  it('of events that are replayed later: it hides no current failure', async () => {
    await rejected(4);
    await timePasses(2 * 3600);
    await rejected(3);
    const { body } = await alerted.service.admin('webhook-events?outcome=rejected');
    await alerted.service.admin('webhook-event-replays', {
      filter: { outcome: 'rejected', receivedBefore: body.items[2].receivedAt },
    });
    await alerted.work();
    await alerted.evaluate();

    expect(await alerted.alert('high_error_rate')).toMatchObject({
      state: 'firing',
      detail: '3 of 3 new customers of the last hour were not created',
    });
  });

  it('of customers whose creation was rejected and that an update set up', async () => {
    const { service } = alerted;
    const before = (await service.admin('metrics/summary')).body.total;
    const customers = [];
    for (let i = 0; i < 4; i += 1) {
      const { metadata } = await service.createUser();
      customers.push(aCustomer({ metadata }));
    }
    for (const customer of customers) await service.deliver(anEvent({ ...customer, email: null }));
    await alerted.evaluate();
    expect(await stateOf('high_error_rate')).toBe('firing');

    const created = Math.floor(Date.now() / 1000) + 5;
    for (const customer of customers)
      await service.deliver(anEvent(customer, { type: 'customer.updated', created }));
    await alerted.evaluate();

    expect(await alerted.alert('high_error_rate')).toMatchObject({
      state: 'resolved',
      detail: '0 of 4 new customers of the last hour were not created',
    });
    const { total } = (await service.admin('metrics/summary')).body;
    expect(total.customersFailed).toBe(before.customersFailed);
    expect(total.customersCreated).toBe(before.customersCreated + 4);
    await alerted.work();
  });

  it('of events that wait for their user: neither the alert nor the summary counts them as failed', async () => {
    const { service } = alerted;
    const before = (await service.admin('metrics/summary')).body.total;
    for (let i = 0; i < 4; i += 1) {
      await service.deliver(anEvent(aCustomer({ metadata: { mingus_user_id: `nobody-yet-${i}` } })));
    }
    await alerted.evaluate();

    expect(await alerted.alert('high_error_rate')).toMatchObject({
      detail: '0 of 4 new customers of the last hour were not created',
    });
    const { total } = (await service.admin('metrics/summary')).body;
    expect(total.customersFailed).toBe(before.customersFailed);
  });

  it('of failed messages that are sent again', async () => {
    takesRecipients = false;
    await alerted.onboard();
    await alerted.work();
    await alerted.evaluate();
    expect(await stateOf('notification_failures')).toBe('firing');

    takesRecipients = true;
    const { body } = await alerted.service.admin('notifications?status=failed');
    for (const { id } of body.items) await alerted.service.admin(`notifications/${id}/resend`, {});
    await alerted.work();
    await alerted.evaluate();

    expect(await alerted.alert('notification_failures')).toMatchObject({
      state: 'resolved',
      detail: '0 of 3 notifications of the last hour failed',
    });
  });
});
