import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FetchStripeObjectJob } from '../../src/webhooks/stored-events/fetching/fetch-stripe-object.job.js';
import { RefreshCustomerJob } from '../../src/webhooks/stored-events/fetching/refresh-customer.job.js';
import { aCustomer, anEvent, aThinEvent, type Fields } from '../support/builders.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { queuedJobs } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';

const CREATED_AT = 1_790_000_000;
const MOMENTS = ['created', 'renamed', 'moved', 'deleted'] as const;
type Moment = (typeof MOMENTS)[number];

/** The state of the customer in each event. */
const STATES: Record<Moment, Fields> = {
  created: { name: 'Ada' },
  renamed: { name: 'Ada King', email: 'ada.king@example.com' },
  moved: { name: 'Ada King', email: 'countess@example.com' },
  deleted: { name: 'Ada King', email: 'countess@example.com' },
};
const VERBS: Record<Moment, string> = {
  created: 'created',
  renamed: 'updated',
  moved: 'updated',
  deleted: 'deleted',
};

/** How Stripe reports a moment: with a snapshot event or with a thin event. */
type Report = `${Moment} ${'snapshot' | 'thin'}`;
type Step = Report | 'jobs';

const reportsOf = (moment: Moment): fc.Arbitrary<Report[]> =>
  fc.constantFrom<Report[]>(
    [`${moment} snapshot`],
    [`${moment} thin`],
    [`${moment} snapshot`, `${moment} thin`],
  );

/** Each moment is reported at least once, some repeatedly, with jobs between them, in any order. */
const anyLife: fc.Arbitrary<Step[]> = fc
  .tuple(fc.boolean(), ...MOMENTS.map(reportsOf))
  .chain(([isDeleted, ...reported]) => {
    const reports = reported.slice(0, isDeleted ? 4 : 3).flat();
    return fc.tuple(fc.subarray(reports), fc.nat({ max: 3 })).chain(([repeated, runs]) => {
      const steps: Step[] = [...reports, ...repeated, ...Array<Step>(runs).fill('jobs')];
      return fc.shuffledSubarray(steps, { minLength: steps.length });
    });
  });

describe('the events of a customer, including their thin twins', () => {
  let stripe: FakeStripe;
  let service: TestApp;

  beforeAll(async () => {
    stripe = await FakeStripe.start();
    service = await TestApp.start({ env: { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_URL: stripe.url } });
  });
  afterAll(async () => {
    await service.stop();
    await stripe.stop();
  });

  /** A new customer in its final state in Stripe, and its events. */
  async function aLife(isDeleted: boolean) {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    stripe.put({ ...customer, ...STATES.moved });
    if (isDeleted) stripe.delete(customer.id);
    const events = {} as Record<Report, Fields & { id: string }>;
    for (const [second, moment] of MOMENTS.entries()) {
      const type = `customer.${VERBS[moment]}`;
      const created = CREATED_AT + second;
      const snapshot = anEvent({ ...customer, ...STATES[moment] }, { type, created });
      events[`${moment} snapshot`] = snapshot;
      events[`${moment} thin`] = aThinEvent(customer.id, {
        type: `v1.${type}`,
        created: new Date(created * 1000).toISOString(),
        snapshot_event: snapshot.id,
      });
    }
    return { id: customer.id, events };
  }

  /** Runs the waiting jobs of these customers' events until there are none. */
  async function runJobs(): Promise<void> {
    const fetches = await queuedJobs(service.database, 'fetch-stripe-object');
    const refreshes = await queuedJobs(service.database, 'refresh-customer');
    await service.app.get(FetchStripeObjectJob).run(fetches.flatMap(({ payload }) => payload) as never);
    await service.app.get(RefreshCustomerJob).run(refreshes.flatMap(({ payload }) => payload) as never);
  }

  async function forgetJobs(): Promise<void> {
    await service.database.rows('delete from graphile_worker._private_jobs');
  }

  it('lead to the current state in Stripe, in any order and multiplicity', { timeout: 180_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyLife, fc.integer({ min: 1, max: 4 }), async (steps, parallel) => {
        await forgetJobs();
        const isDeleted = steps.some((step) => step.startsWith('deleted'));
        const { id, events } = await aLife(isDeleted);

        for (let start = 0; start < steps.length; start += parallel) {
          const taken = steps.slice(start, start + parallel).map(async (step) => {
            if (step === 'jobs') await runJobs();
            else expect((await service.deliver(events[step])).status).toBe(200);
          });
          await Promise.all(taken);
        }
        // Decisions on fetched objects may enqueue a refresh.
        await runJobs();
        await runJobs();

        const { status, body } = await service.admin(`customers/${id}`);
        const nobodyToldItsState = isDeleted && steps.every((step) => !step.endsWith('snapshot'));
        if (nobodyToldItsState) {
          expect([status, body.isSetUp, body.errorCode]).toEqual([200, false, 'object_deleted']);
          return;
        }
        const { name, email, portalAccess, lifecycle, notifications, deletedAt } = body;
        expect({
          isDeleted: deletedAt !== null,
          access: portalAccess.status,
          stage: lifecycle.stage,
          notifications: notifications.map((each: { status: string }) => each.status),
        }).toEqual(
          isDeleted
            ? { isDeleted, access: 'revoked', stage: 'churned', notifications: Array(3).fill('cancelled') }
            : { isDeleted, access: 'active', stage: 'onboarding', notifications: Array(3).fill('queued') },
        );
        if (!isDeleted) expect({ name, email }).toEqual(STATES.moved);
      }),
      { numRuns: 40 },
    );
  });
});
