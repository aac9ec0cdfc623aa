import { handledTypes } from '../../src/cli/doctor/handled-types.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RunWatchdogJob } from '../../src/webhooks/watchdog/run-watchdog.job.js';
import { aCustomer, aThinEvent, type Fields } from '../support/builders.js';
import { anEventInEachHour } from '../support/mail/deliveries.js';
import { anEndpoint, endpointRoutes, type FakeEndpoint } from '../support/fake-stripe/endpoint-routes.js';
import { type Failure, FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { NewestFirst } from '../support/fake-stripe/newest-first.js';
import { readMetric } from '../support/metrics.js';
import { request, TestApp } from '../support/test-app.js';

const URL = 'https://onboarding.mingus.test/webhooks/stripe';
const MINUTE_MS = 60_000;

describe('the watchdog', () => {
  let stripe: FakeStripe;
  let service: TestApp;
  let endpoints: NewestFirst<FakeEndpoint>;
  let now = new Date();

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    const env = { STRIPE_SECRET_KEY: 'rk_test_x', STRIPE_API_URL: stripe.url, PROCESS_ROLES: 'api' };
    service = await TestApp.start({ env, now: () => now });
    endpoints = new NewestFirst();
    stripe.serve(...endpointRoutes(endpoints));
  });
  beforeEach(() => {
    now = new Date();
    for (const { id } of endpoints.all()) endpoints.remove(id);
  });
  afterEach(() => {
    stripe.outage = null;
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
  });

  const look = () => service.app.get(RunWatchdogJob).run();

  async function finding(name: string) {
    const { body } = await service.admin('watchdog-findings');
    return body.find((each: Fields) => each.name === name);
  }

  async function found(name: string) {
    await look();
    return finding(name);
  }

  /** An event created in Stripe some minutes ago, delivered or not. */
  function anEventInStripe(minutesAgo: number) {
    stripe.now = () => new Date(Date.now() - minutesAgo * MINUTE_MS);
    const event = stripe.state.createCustomer(aCustomer());
    stripe.now = () => new Date();
    return event;
  }

  it('shows its findings in every process: readiness stays green, metrics show them', async () => {
    await look();

    const { status, body } = await request(`${service.url}/health/ready`, {});

    expect(status).toBe(200);
    expect(body.details.watchdog).toEqual({
      status: 'up',
      endpoint: 'warning',
      newest_event: 'ok',
      secret_in_use: 'ok',
      silence: 'ok',
    });
    expect(await readMetric(service.url, 'watchdog_check_ok', { check: 'silence' })).toBe(1);
    expect((await request(`${service.url}/metrics`, {})).body).toContain(
      'watchdog_check_ok{check="endpoint"} 0',
    );
  });

  it('reports outdated findings as unknown', async () => {
    await look();
    await service.database.rows(`update watchdog_findings set checked_at = now() - interval '21 minutes'`);

    const { body } = await request(`${service.url}/health/ready`, {});
    const metrics = (await request(`${service.url}/metrics`, {})).body;

    expect(body.details.watchdog).toMatchObject({ endpoint: 'unknown', silence: 'unknown' });
    expect(metrics).not.toContain('watchdog_check_ok{');
  });

  it.each<[string, FakeEndpoint[], string, RegExp]>([
    ['is there', [anEndpoint(URL)], 'ok', /^Enabled/],
    [
      'is for thin events',
      [
        anEndpoint(URL, {
          payload: 'thin',
          enabled_events: handledTypes().map((type) => `v1.${type}`),
        }),
      ],
      'ok',
      /^Enabled/,
    ],
    ['is missing', [], 'warning', /^No endpoint/],
    ['has another URL', [anEndpoint('https://elsewhere.test')], 'warning', /^No endpoint/],
    ['is disabled', [anEndpoint(URL, { status: 'disabled' })], 'warning', /disabled/],
    [
      'lacks a type',
      [anEndpoint(URL, { enabled_events: ['customer.created'] })],
      'warning',
      /customer\.updated, customer\.deleted, customer\.subscription\.created/,
    ],
  ])('reports whether the endpoint %s', async (_, given, state, detail) => {
    for (const endpoint of given) endpoints.put(endpoint);

    expect(await found('endpoint')).toMatchObject({ state, detail: expect.stringMatching(detail) });
  });

  it('finds the endpoint on any page of the lists', async () => {
    for (let i = 0; i < 150; i += 1) endpoints.put(anEndpoint(`https://elsewhere.test/${i}`));
    expect((await found('endpoint')).state).toBe('warning');
    const last = anEndpoint(URL, { created: 0 });

    for (const payload of ['snapshot', 'thin'] as const) {
      endpoints.put({ ...last, payload });
      expect((await found('endpoint')).state).toBe('ok');
    }
  });

  it.each<[string, (event: { id: string }) => Promise<unknown>, string]>([
    ['has not arrived', async () => undefined, 'warning'],
    ['has arrived', (event) => service.deliver(event), 'ok'],
  ])('reports whether the newest event %s', async (_, act, state) => {
    const event = anEventInStripe(10);
    await act(event);

    const { state: actual, detail } = await found('newest_event');

    expect(actual).toBe(state);
    if (state === 'warning') expect(detail).toContain(`${event.id} (customer.created, `);
  });

  it('accepts the thin twin in place of the newest event', async () => {
    const event = anEventInStripe(9);
    const { id } = (event.data as { object: { id: string } }).object;
    expect((await found('newest_event')).state).toBe('warning');

    await service.deliver(aThinEvent(id, { created: new Date(event.created * 1000).toISOString() }));

    expect((await found('newest_event')).state).toBe('ok');
  });

  it('gives an event five minutes to arrive', async () => {
    await service.deliver(anEventInStripe(8));
    const young = anEventInStripe(4);
    expect((await found('newest_event')).state).toBe('ok');

    now = new Date(Date.now() + 2 * MINUTE_MS);

    expect((await found('newest_event')).detail).toContain(young.id);
  });

  it.each<[string, Failure]>([
    ['limits', 429],
    ['fails', 500],
    ['refuses the key', 401],
    ['breaks connections', 'reset'],
  ])('warns only the third time in a row that Stripe %s', async (_, failure) => {
    endpoints.put(anEndpoint(URL));
    await look();
    stripe.outage = failure;

    const states = [];
    for (let run = 0; run < 3; run += 1) states.push((await found('endpoint')).state);
    stripe.outage = null;

    expect(states).toEqual(['unknown', 'unknown', 'warning']);
    expect((await found('endpoint')).state).toBe('ok');
  });

  it('does not warn of a missing permission', async () => {
    stripe.outage = 403;

    for (let run = 0; run < 4; run += 1) await look();

    const { state, detail } = await finding('endpoint');
    expect({ state, detail }).toEqual({ state: 'unknown', detail: 'The key has no permission to look' });
  });

  it('reports since when a finding has its status', async () => {
    await look();
    const { since, checkedAt } = await finding('endpoint');

    const again = await found('endpoint');

    expect(again.since).toBe(since);
    expect(Date.parse(again.checkedAt)).toBeGreaterThan(Date.parse(checkedAt));
    endpoints.put(anEndpoint(URL));
    expect(Date.parse((await found('endpoint')).since)).toBeGreaterThan(Date.parse(since));
  });
});

describe('the watchdog without a key', () => {
  let service: TestApp;
  let now = new Date();

  beforeAll(async () => {
    service = await TestApp.start({ now: () => now });
  });
  afterAll(() => service.stop());

  async function states() {
    await service.app.get(RunWatchdogJob).run();
    const { body } = await service.admin('watchdog-findings');
    return Object.fromEntries(body.map(({ name, state }: Fields) => [name, state]));
  }

  it('cannot check Stripe, and still detects a silence', async () => {
    expect(await states()).toEqual({
      endpoint: 'unknown',
      newest_event: 'unknown',
      secret_in_use: 'ok',
      silence: 'ok',
    });
    await anEventInEachHour(service.database, 30);
    expect((await states()).silence).toBe('ok');

    now = new Date(Date.now() + 3 * 60 * MINUTE_MS);

    expect((await states()).silence).toBe('warning');
  });
});
