import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChoicesTest, hoursAround } from '../support/pages/choices.js';
import { waitForEach } from '../support/mail/deliveries.js';
import { makeEverythingDue } from '../support/jobs.js';
import { waitFor } from '../support/wait-for.js';

const HOUR_MS = 3_600_000;
const SPREAD_MS = 30_000;

describe('in the quiet hours of the customer', () => {
  let test: ChoicesTest;
  const startedAt = new Date();

  beforeAll(async () => {
    const env = { QUIET_HOURS: hoursAround(startedAt), NOTIFICATION_CHANNELS: 'email,in_app' };
    test = await ChoicesTest.start({ env });
  });
  afterAll(() => test.stop());

  /** The onboarding guide of a customer after its first delivery attempt or postponement. */
  async function guideOf(customer: { id: string }) {
    return waitFor('guide looked at', async () => {
      const { body } = await test.service.admin(`customers/${customer.id}`);
      const guides: { id: string; channel: string; status: string; reason: string; nextAttemptAt: string }[] =
        body.notifications.filter(({ kind }: { kind: string }) => kind === 'onboarding_guide');
      const guide = guides.find(({ channel }) => channel === 'email');
      return guides.every(({ status, reason }) => status !== 'queued' || reason) ? guide : null;
    });
  }

  it('an optional message waits until they end, which the list of deliveries shows', async () => {
    const customer = await test.onboard();

    const guide = await guideOf(customer);

    expect(guide).toMatchObject({ status: 'queued', reason: 'quiet_hours' });
    const { body } = await test.service.admin(`notifications/${guide.id}`);
    expect(body).toMatchObject({ status: 'queued', reason: 'quiet_hours', attempts: 0, attemptLog: [] });
    const end = Math.floor(startedAt.getTime() / 60_000) * 60_000 + 2 * HOUR_MS;
    expect(Date.parse(body.nextAttemptAt)).toBeGreaterThanOrEqual(end);
    expect(Date.parse(body.nextAttemptAt)).toBeLessThanOrEqual(end + SPREAD_MS);
  });

  it('an optional message still waits when its job runs too early', async () => {
    const customer = await test.onboard();
    const { nextAttemptAt } = await guideOf(customer);

    await makeEverythingDue(test.service.database);

    const again = await waitFor('looked at again', async () => {
      const guide = await guideOf(customer);
      return guide.nextAttemptAt === nextAttemptAt ? null : guide;
    });
    expect(again).toMatchObject({ status: 'queued', reason: 'quiet_hours' });
    expect(test.service.smtp.to(customer.email).length).toBeLessThan(3);
  });

  it('messages that the account needs are sent, and in-app messages appear', async () => {
    const customer = await test.onboard();

    const sent = await waitFor('five of six sent', async () => {
      const { body } = await test.service.admin(`customers/${customer.id}`);
      const notifications: { kind: string; channel: string; status: string }[] = body.notifications;
      const done = notifications.filter(({ status }) => status === 'sent');
      return done.length === 5 ? done : null;
    });

    expect(sent.map(({ kind, channel }) => `${kind}/${channel}`)).not.toContain('onboarding_guide/email');
  });

  it.each([
    ['where it is another time of the day', { metadata: { timezone: 'Etc/GMT+6' } }, 'sent'],
    ['where it is the same time', { metadata: { timezone: 'Africa/Abidjan' } }, 'queued'],
    ['in a country with one time zone', { address: { country: 'JP' } }, 'sent'],
  ])("they follow the customer's time zone: %s", async (_, { metadata = {}, ...fields }: PlaceOf, status) => {
    const user = await test.service.createUser();
    const customer = await test.onboard({ ...fields, metadata: { ...metadata, ...user.metadata } });

    const guide = await waitFor('decided', async () => {
      const found = await guideOf(customer);
      return found.status === 'sent' || found.reason === 'quiet_hours' ? found : null;
    });

    expect(guide.status).toBe(status);
  });
});

type PlaceOf = { metadata?: Record<string, string>; address?: { country: string } };

describe('outside of the quiet hours', () => {
  it.each([
    ['they are over', hoursAround(new Date(Date.now() - 12 * HOUR_MS))],
    ['there are none', 'off'],
  ])('every message is sent at once: %s', async (_, QUIET_HOURS) => {
    const test = await ChoicesTest.start({ env: { QUIET_HOURS } });
    const customer = await test.onboard();

    const sent = await waitForEach(test.service, customer, 'sent', ({ status }) => status === 'sent');

    expect(sent.map(({ reason }) => reason)).toEqual([null, null, null]);
    await test.stop();
  });
});
