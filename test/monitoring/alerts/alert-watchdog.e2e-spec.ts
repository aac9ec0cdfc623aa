import { afterAll, beforeAll, describe, it } from 'vitest';
import { StartReconciliationJob } from '../../../src/webhooks/reconciliation/start-reconciliation.job.js';
import { RunWatchdogJob } from '../../../src/webhooks/watchdog/run-watchdog.job.js';
import { AlertedService } from '../../support/alerts.js';
import { aCustomer, anEvent, type Fields } from '../../support/builders.js';
import { anEventInEachHour } from '../../support/mail/deliveries.js';
import { anEndpoint, endpointRoutes, type FakeEndpoint } from '../../support/fake-stripe/endpoint-routes.js';
import { FakeStripe } from '../../support/fake-stripe/fake-stripe.js';
import { NewestFirst } from '../../support/fake-stripe/newest-first.js';
import { reconciled } from '../../support/reconciliations.js';
import { WEBHOOK_SECRET } from '../../support/test-app.js';

const OLD_SECRET = 'whsec_old_0123456789abcdef';
const HOUR_MS = 3_600_000;

/** Each alert is tested with a real fault on Stripe's side and its end. */
describe('an alert fires and ends', () => {
  let stripe: FakeStripe;
  let endpoints: NewestFirst<FakeEndpoint>;
  let alerted: AlertedService;
  let now = () => new Date();

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    endpoints = new NewestFirst();
    stripe.serve(...endpointRoutes(endpoints));
    const env = {
      STRIPE_SECRET_KEY: 'sk_test_x',
      STRIPE_API_URL: stripe.url,
      STRIPE_WEBHOOK_SECRET: `${WEBHOOK_SECRET},${OLD_SECRET}`,
    };
    alerted = await AlertedService.start({ env, now: () => now() });
  });
  afterAll(async () => {
    await alerted.stop();
    await stripe.stop();
  });

  const look = () => alerted.service.app.get(RunWatchdogJob).run();

  /** A customer that has existed in Stripe for some hours. */
  async function aCustomerInStripe(hoursAgo: number): Promise<Fields> {
    const { metadata } = await alerted.service.createUser();
    stripe.now = () => new Date(Date.now() - hoursAgo * HOUR_MS);
    const event = stripe.state.createCustomer(aCustomer({ metadata }));
    stripe.now = () => new Date();
    return event;
  }

  it('when the endpoint is disabled', async () => {
    const endpoint = anEndpoint('https://onboarding.mingus.test/webhooks/stripe');
    const put = async (status: FakeEndpoint['status']) => {
      endpoints.put({ ...endpoint, status });
      await look();
    };
    await put('enabled');
    await alerted.proves(
      'endpoint_disabled',
      () => put('disabled'),
      () => put('enabled'),
    );
  });

  it('when an event is missing', () => {
    let event: Fields;
    return alerted.proves(
      'event_missing',
      async () => {
        event = await aCustomerInStripe(1);
        await look();
      },
      async () => {
        await alerted.service.deliver(event);
        await look();
      },
    );
  });

  it('when customers differ', () => {
    const compare = async () => {
      await alerted.service.app.get(StartReconciliationJob).run();
      await alerted.work();
      const { body } = await alerted.service.admin('reconciliations');
      await reconciled(alerted.service, body.items[0].id);
    };
    return alerted.proves(
      'drift_found',
      async () => {
        await aCustomerInStripe(2);
        await compare();
      },
      compare,
    );
  });

  it('when an old secret signs', () =>
    alerted.proves(
      'old_secret_in_use',
      async () => {
        await alerted.service.deliver(anEvent(aCustomer()), { secret: OLD_SECRET });
        await look();
      },
      async () => {
        await alerted.service.database.rows(
          `update webhook_secret_uses set last_used_at = now() - interval '25 hours' where position = 2`,
        );
        await look();
      },
    ));

  it('when no events arrive', () =>
    alerted.proves(
      'silence',
      async () => {
        await anEventInEachHour(alerted.service.database, 30);
        now = () => new Date(Date.now() + 3 * HOUR_MS);
        await look();
      },
      async () => {
        now = () => new Date();
        await alerted.onboard();
        await look();
      },
    ));
});
