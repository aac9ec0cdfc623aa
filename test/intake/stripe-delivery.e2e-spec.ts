import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CustomerCreated } from '../../src/events/customers/customer-created.event.js';
import { RunWatchdogJob } from '../../src/webhooks/watchdog/run-watchdog.job.js';
import { aCustomer, type Fields } from '../support/builders.js';
import { EventSender } from '../support/fake-stripe/event-sender.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { TestApp, WEBHOOK_SECRET } from '../support/test-app.js';
import { OnFact } from '../../src/platform/facts/on-fact.decorator.js';

let faults = 0;

@Injectable()
class FaultyListener {
  @OnFact(CustomerCreated)
  react(): void {
    if (faults === 0) return;
    faults -= 1;
    throw new Error('A fault that passes');
  }
}

describe('a change to a customer in Stripe', () => {
  let stripe: FakeStripe;
  let service: TestApp;

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    const env = { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url };
    service = await TestApp.start({ env, extra: { providers: [FaultyListener] } });
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
  });

  const senderTo = (path: string) =>
    new EventSender(stripe.state, { url: service.url + path, secrets: [WEBHOOK_SECRET] });

  const pendingWebhooks = ({ event }: { event: Fields }) =>
    stripe.state.events.get(event.id as string)?.pending_webhooks;

  it('arrives as signed events, from the creation to the deletion', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    const sender = senderTo('/webhooks/stripe');

    const sent = [
      await sender.createCustomer(customer),
      await sender.updateCustomer(customer.id, { name: 'Ada King' }),
      await sender.deleteCustomer(customer.id),
    ];

    expect(sent.map(({ status, attempts }) => `${status} after ${attempts}`)).toEqual([
      '200 after 1',
      '200 after 1',
      '200 after 1',
    ]);
    const { body } = await service.admin(`customers/${customer.id}`);
    expect(body).toMatchObject({ name: 'Ada King', deletedAt: expect.any(String) });
  });

  it('is delivered until the service accepts it, and has the effect of one event', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    faults = 2;

    const sent = await senderTo('/webhooks/stripe').createCustomer(customer);

    expect({ status: sent.status, attempts: sent.attempts }).toEqual({ status: 200, attempts: 3 });
    expect(pendingWebhooks(sent)).toBe(0);
    expect((await service.admin(`customers/${customer.id}`)).body.notifications).toHaveLength(3);
  });

  it('is missed by the watchdog when it is delivered to a wrong address', async () => {
    stripe.now = () => new Date(Date.now() - 600_000);

    const sent = await senderTo('/webhooks/stripes').createCustomer(aCustomer());
    await service.app.get(RunWatchdogJob).run();

    expect(sent.status).toBe(404);
    expect(pendingWebhooks(sent)).toBe(1);
    const { body } = await service.admin('watchdog-findings');
    const { state, detail } = body.find(({ name }: Fields) => name === 'newest_event');
    expect(state).toBe('warning');
    expect(detail).toContain(sent.event.id);
  });
});
