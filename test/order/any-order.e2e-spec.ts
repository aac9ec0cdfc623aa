import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { makeDue } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const RUNS = 25;

/** The subject of each event. Customers d and e belong to a user who arrives later. */
const EVENTS = {
  a1: { customer: 'a' },
  a2: { customer: 'a' },
  b1: { customer: 'b' },
  c1: { customer: 'c' },
  d1: { customer: 'd' },
  d2: { customer: 'd' },
  e1: { customer: 'e' },
  rejected: { customer: 'rejected' },
  unmatched: { customer: 'unmatched' },
  ignored: { customer: 'a', type: 'customer.source.created' },
} as const;
const USER_OF = { a: 'first', b: 'first', c: 'second', d: 'late', e: 'late' } as const;

type EventName = keyof typeof EVENTS;
type Step = EventName | 'arrival';

/** Each event at least once and the arrival exactly once, in any order. */
const anyOrder: fc.Arbitrary<Step[]> = fc
  .array(fc.constantFrom(...(Object.keys(EVENTS) as EventName[])), { maxLength: 10 })
  .chain((repeated) => {
    const steps: Step[] = [...(Object.keys(EVENTS) as EventName[]), ...repeated, 'arrival'];
    return fc.shuffledSubarray(steps, { minLength: steps.length });
  });

const ONE_OF_EACH = { preferences: 1, portal: 1, lifecycle: 1, transitions: 1, audit: 1, tracked: 1 };

/**
 * The creating event may be either of two events about a customer. Everything else must not depend on the
 * order.
 */
const FINAL_STATE = {
  customers: {
    a: { user: 'first', ...ONE_OF_EACH },
    b: { user: 'first', ...ONE_OF_EACH },
    c: { user: 'second', ...ONE_OF_EACH },
    d: { user: 'late', ...ONE_OF_EACH },
    e: { user: 'late', ...ONE_OF_EACH },
  },
  outcomes: {
    a: ['created', 'duplicate', 'ignored'],
    b: ['created'],
    c: ['created'],
    d: ['created', 'duplicate'],
    e: ['created'],
    rejected: ['rejected'],
    unmatched: ['unmatched'],
  },
  notifications: {
    first: ['onboarding_guide', 'portal_access', 'welcome'],
    late: ['onboarding_guide', 'portal_access', 'welcome'],
    second: ['onboarding_guide', 'portal_access', 'welcome'],
  },
};

/** Fresh users, customers and events for one run, by name. */
class World {
  readonly users = { first: aUser(), second: aUser(), late: aUser() };
  readonly customers: Record<string, ReturnType<typeof aCustomer>> = {
    rejected: aCustomer({ email: 'no address' }),
    unmatched: aCustomer({ metadata: {} }),
  };
  readonly events = {} as Record<EventName, Fields & { id: string }>;

  constructor() {
    for (const [name, user] of Object.entries(USER_OF)) {
      this.customers[name] = aCustomer({ metadata: { mingus_user_id: this.users[user].id } });
    }
    for (const [name, { customer, ...fields }] of Object.entries(EVENTS)) {
      this.events[name as EventName] = anEvent(this.customers[customer], fields);
    }
  }
}

describe('any order and multiplicity of a set of events', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  const takeStep = (step: Step, world: World) =>
    step === 'arrival' ? service.admin('users', world.users.late) : service.deliver(world.events[step]);

  /**
   * Runs all jobs. An event decided while the user arrived is looked up again a minute later, so that minute
   * is skipped.
   */
  async function allJobsDone() {
    await dueJobsDone();
    await makeDue(service.database, 'resolve-pending-events');
    await dueJobsDone();
  }

  const dueJobsDone = () =>
    waitFor(
      'all due jobs done',
      async () => (await service.database.count('graphile_worker.jobs', 'run_at <= now()')) === 0,
    );

  async function finalState({ users, customers, events }: World): Promise<typeof FINAL_STATE> {
    const userIds = Object.values(users).map(({ id }) => id);
    const rows = await service.database.rows<{ stripe_customer_id: string; user_id: string }>(CUSTOMERS, [
      userIds,
    ]);
    const inbox = await service.database.rows<{ stripe_event_id: string; outcome: string }>(
      'select stripe_event_id, outcome from webhook_events where stripe_event_id = any($1) order by outcome',
      [Object.values(events).map(({ id }) => id)],
    );
    const notifications = await service.database.rows<{ user_id: string; kind: string }>(
      'select user_id, kind from notifications where user_id = any($1) order by kind',
      [userIds],
    );
    const nameOf = (named: Record<string, { id: string }>, id: string) =>
      Object.keys(named).find((name) => named[name]?.id === id) ?? id;
    const customerOf = (eventId: string) => EVENTS[nameOf(events, eventId) as EventName].customer;
    return {
      customers: Object.fromEntries(
        rows.map(({ stripe_customer_id: id, user_id: userId, ...counts }) => [
          nameOf(customers, id),
          { user: nameOf(users, userId), ...counts },
        ]),
      ) as never,
      outcomes: grouped(inbox.map((row) => [customerOf(row.stripe_event_id), row.outcome])) as never,
      notifications: grouped(notifications.map((row) => [nameOf(users, row.user_id), row.kind])) as never,
    };
  }

  it('gives the same final state', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyOrder, fc.integer({ min: 1, max: 8 }), async (steps, parallel) => {
        const world = new World();
        for (const user of [world.users.first, world.users.second]) await service.createUser(user);

        for (let start = 0; start < steps.length; start += parallel) {
          const answers = await Promise.all(
            steps.slice(start, start + parallel).map((step) => takeStep(step, world)),
          );
          for (const { status } of answers) expect([200, 201]).toContain(status);
        }
        await allJobsDone();

        expect(await finalState(world)).toEqual(FINAL_STATE);
      }),
      { numRuns: RUNS },
    );
  });
});

function grouped(pairs: [name: string, value: string][]): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const [name, value] of pairs) (groups[name] ??= []).push(value);
  return groups;
}

const CUSTOMERS = `
  select stripe_customer_id, user_id,
    (select count(*)::int from customer_preferences where customer_id = c.id) as preferences,
    (select count(*)::int from portal_accesses where customer_id = c.id) as portal,
    (select count(*)::int from customer_lifecycles where customer_id = c.id) as lifecycle,
    (select count(*)::int from lifecycle_transitions where customer_id = c.id) as transitions,
    (select count(*)::int from audit_entries where customer_id = c.id and action = 'customer.created') as audit,
    (select count(*)::int from analytics_events where customer_id = c.id) as tracked
  from customers c
  where user_id = any($1)`;
