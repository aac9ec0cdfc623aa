import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebhookSecrets } from '../../src/webhooks/intake/webhook-secrets.service.js';
import { RunWatchdogJob } from '../../src/webhooks/watchdog/run-watchdog.job.js';
import { aCustomer, anEvent, aThinEvent, type Fields } from '../support/builders.js';
import { EventSender } from '../support/fake-stripe/event-sender.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { TestApp } from '../support/test-app.js';
import { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

const OLD = 'whsec_old_0123456789abcdef';
const NEW = 'whsec_new_0123456789abcdef';

describe('the rotation of the webhook secret', () => {
  let database: TestDatabase;
  let stripe: FakeStripe;
  let service: TestApp;

  beforeAll(async () => {
    database = await TestDatabase.create();
    stripe = await FakeStripe.start();
    service = await start(OLD);
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
    await database.drop();
  });

  const start = (secrets: string) => TestApp.start({ database, env: { STRIPE_WEBHOOK_SECRET: secrets } });

  /** Stops the service and starts it with other secrets. */
  async function configure(secrets: string): Promise<void> {
    await service.stop();
    service = await start(secrets);
  }

  /** Delivers an event signed with all current secrets of the endpoint, as Stripe does. */
  async function deliver(...secrets: string[]): Promise<number> {
    const sender = new EventSender(stripe.state, { url: `${service.url}/webhooks/stripe`, secrets });
    return (await sender.createCustomer(aCustomer())).status;
  }

  /** The watchdog's finding after these uses of secrets were stored. */
  async function secretInUse(...uses: string[]) {
    const stored = 'select position || kind as use from webhook_secret_uses order by 1';
    await waitFor('uses stored', async () => {
      const rows = await database.rows<{ use: string }>(stored);
      return rows.map(({ use }) => use).join() === uses.join();
    });
    await service.app.get(RunWatchdogJob).run();
    const { body } = await service.admin('watchdog-findings');
    const { state, detail } = body.find(({ name }: Fields) => name === 'secret_in_use');
    return { state, detail };
  }

  it('warns from the first to the last event that the old secret alone signs', async () => {
    expect(await deliver(OLD)).toBe(200);
    expect(await secretInUse()).toEqual({ state: 'ok', detail: 'One secret is configured' });

    await configure(`${NEW},${OLD}`);
    expect(await deliver(OLD)).toBe(200);
    expect(await secretInUse('2snapshot')).toEqual({
      state: 'warning',
      detail: '2 secrets are configured, and in the last 24 h still in use: 2',
    });

    expect(await deliver(NEW, OLD)).toBe(200);
    expect((await secretInUse('1snapshot', '2snapshot')).state).toBe('warning');

    await database.rows(
      `update webhook_secret_uses set last_used_at = now() - interval '25 hours' where position = 2`,
    );
    expect(await secretInUse('1snapshot', '2snapshot')).toEqual({
      state: 'ok',
      detail: '2 secrets are configured, no old one in use in the last 24 h',
    });

    await configure(NEW);
    expect(await deliver(NEW)).toBe(200);
    expect((await secretInUse('1snapshot', '2snapshot')).state).toBe('ok');
    expect(await database.count('webhook_secret_uses')).toBe(0);
  });

  it('needs no warning if snapshot and thin events have a secret each', async () => {
    await configure(`${NEW},${OLD}`);
    await service.deliver(anEvent(), { secret: NEW });
    await service.deliver(aThinEvent(aCustomer().id), { secret: OLD });

    expect((await secretInUse('1snapshot', '2thin')).state).toBe('ok');
  });

  it('stores a use once a minute, and nothing of the secret', async () => {
    await configure(`${NEW},${OLD}`);
    await database.rows('delete from webhook_secret_uses');
    await service.deliver(anEvent(), { secret: NEW });
    await secretInUse('1snapshot');
    const before = await database.rows('select * from webhook_secret_uses');

    await service.deliver(anEvent(), { secret: NEW });
    await service.app.get(WebhookSecrets).onModuleDestroy();

    expect(await database.rows('select * from webhook_secret_uses')).toEqual(before);
    expect(before.map((row) => Object.keys(row))).toEqual([['position', 'kind', 'last_used_at']]);
  });
});
