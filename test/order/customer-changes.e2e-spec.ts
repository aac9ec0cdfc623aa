import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

const CREATED_AT = 1_790_000_000;

/** The events of one customer, each with the state of its object and its time in seconds. */
const LIFE = {
  created: { type: 'customer.created', second: 0, state: { name: 'Ada' } },
  renamed: {
    type: 'customer.updated',
    second: 1,
    state: { name: 'Ada King', email: 'ada.king@example.com' },
  },
  moved: { type: 'customer.updated', second: 2, state: { name: 'Ada King', email: 'countess@example.com' } },
  deleted: {
    type: 'customer.deleted',
    second: 3,
    state: { name: 'Ada King', email: 'countess@example.com' },
  },
} as const;
type Moment = keyof typeof LIFE;

describe('a customer that changes in Stripe', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  /** The events of a new customer. */
  async function aLife(customer: Fields = {}) {
    const { metadata } = await service.createUser();
    const object = aCustomer({ metadata, ...customer });
    const at = (moment: Moment, fields: Fields = {}) => {
      const { type, second, state } = LIFE[moment];
      return anEvent({ ...object, ...state, ...fields }, { type, created: CREATED_AT + second });
    };
    return { id: object.id, at };
  }

  /** What is stored about a customer, according to the admin API. */
  async function stored(id: string) {
    const { body } = await service.admin(`customers/${id}`);
    return body;
  }

  const outcomeOf = async (eventId: string) =>
    (await service.admin(`webhook-events/${eventId}`)).body.outcome as string;

  it('gets messages in the language and time zone that Stripe reports later, unless others were chosen', async () => {
    const guessed = await aLife({ preferred_locales: [] });
    const chosen = await aLife({ preferred_locales: [] });
    const moved = { preferred_locales: ['es'], address: { country: 'ES' } };
    for (const { at } of [guessed, chosen]) await service.deliver(at('created'));
    await service.database.rows(
      `update customer_preferences set locale = 'en-GB', timezone = 'Asia/Tokyo', updated_at = now()
       where customer_id = (select id from customers where stripe_customer_id = $1)`,
      [chosen.id],
    );

    for (const { at } of [guessed, chosen]) await service.deliver(at('moved', moved));

    const spain = { locale: 'es', timezone: 'Europe/Madrid' };
    expect((await stored(guessed.id)).preferences).toMatchObject(spain);
    expect((await stored(chosen.id)).preferences).toMatchObject({ locale: 'en-GB', timezone: 'Asia/Tokyo' });
  });

  it('has the newest fields, with the old address in the audit and its preferences untouched', async () => {
    const { id, at } = await aLife({ currency: 'eur' });
    await service.deliver(at('created', { currency: 'eur' }));
    const before = await stored(id);

    const answer = await service.deliver(at('moved', { currency: 'usd' }));

    expect(answer.body).toEqual({
      success: true,
      message: 'Customer updated',
      changes: [],
      notifications_sent: 0,
    });
    const after = await stored(id);
    expect(after).toMatchObject({ name: 'Ada King', email: 'countess@example.com', currency: 'usd' });
    expect(after.preferences).toEqual(before.preferences);
    expect(after.notifications).toEqual(before.notifications);
    const [entry] = await service.database.rows<{ personal: object }>(
      `select details, personal from audit_entries where object_id = $1 and action = 'customer.updated'`,
      [id],
    );
    expect(entry).toMatchObject({
      details: { fields: ['email', 'name', 'currency'] },
      personal: {
        email: { before: before.email, after: 'countess@example.com' },
        name: { before: 'Ada', after: 'Ada King' },
        currency: { before: 'eur', after: 'usd' },
      },
    });
  });

  it('keeps its last address after its removal in Stripe, and changes in all other fields', async () => {
    const { id, at } = await aLife();
    await service.deliver(at('created'));
    const { email } = await stored(id);

    const { body } = await service.deliver(at('renamed', { email: null }));

    expect(body).toMatchObject({ success: true, message: 'Customer updated' });
    expect(await stored(id)).toMatchObject({ name: 'Ada King', email });
  });

  it('has rejected updates in its timeline', async () => {
    const { id, at } = await aLife();
    await service.deliver(at('created'));
    const refused = at('renamed', { email: 'no address' });

    await service.deliver(refused);

    const { body } = await service.admin(`customers/${id}/timeline?limit=100`);
    expect(JSON.stringify(body.items)).toContain(refused.id);
  });

  it('is not changed by an older update', async () => {
    const { id, at } = await aLife();
    const older = at('renamed');
    for (const event of [at('created'), at('moved'), older]) await service.deliver(event);

    expect(await outcomeOf(older.id)).toBe('stale');
    expect((await stored(id)).email).toBe('countess@example.com');
  });

  it('is recognised without its lifecycle rows', async () => {
    const { id, at } = await aLife();
    await service.deliver(at('created'));
    await service.database.rows(
      'delete from customer_lifecycles where customer_id = (select id from customers where stripe_customer_id = $1)',
      [id],
    );

    expect((await service.deliver(at('moved'))).body.message).toBe('Customer updated');
  });

  it('is a tombstone when it is deleted: access revoked, queued messages cancelled, lifecycle ended', async () => {
    const { id, at } = await aLife();
    await service.deliver(at('created'));

    const answer = await service.deliver(at('deleted', { email: null }));

    expect(answer.body).toMatchObject({ success: true, notifications_sent: 0 });
    const { portalAccess, lifecycle, notifications, deletedAt } = await stored(id);
    expect(portalAccess.status).toBe('revoked');
    expect(lifecycle.stage).toBe('churned');
    expect(notifications.map(({ status }: { status: string }) => status)).toEqual(Array(3).fill('cancelled'));
    expect(deletedAt).toEqual(expect.any(String));
    const transitions = await service.database.rows(
      `select from_stage, to_stage, trigger from lifecycle_transitions t join customers c on c.id = t.customer_id
       where stripe_customer_id = $1 order by t.id`,
      [id],
    );
    expect(transitions.at(-1)).toEqual({
      from_stage: 'onboarding',
      to_stage: 'churned',
      trigger: 'customer_deleted',
    });
  });

  it('is not welcomed when the deletion arrives first', async () => {
    const { id, at } = await aLife();

    const deletion = await service.deliver(at('deleted'));
    const creation = await service.deliver(at('created'));

    expect(deletion.body.notifications_sent).toBe(0);
    expect(creation.body).toMatchObject({ success: true, changes: [], notifications_sent: 0 });
    const { portalAccess, notifications } = await stored(id);
    expect(portalAccess.status).toBe('revoked');
    expect(notifications.map(({ status }: { status: string }) => status)).toEqual(Array(3).fill('cancelled'));
  });

  it.each([
    ['without its address', { email: null }],
    ['without a user id', { metadata: {} }],
    ['that names a user who is not there yet', { metadata: { mingus_user_id: 'not-there-yet' } }],
  ])('is not welcomed when a deletion %s arrives first', async (_, fields) => {
    const { id, at } = await aLife();

    const deletion = await service.deliver(at('deleted', fields));
    const creation = await service.deliver(at('created'));

    expect(deletion.body).toEqual({
      success: false,
      error: 'Customer was deleted in Stripe before it was known',
    });
    expect(creation.body).toMatchObject({ success: true, notifications_sent: 0 });
    expect(await stored(id)).toMatchObject({
      deletedAt: expect.any(String),
      lifecycle: { stage: 'churned' },
    });
  });

  it('is set up by an update if the creation did not arrive', async () => {
    const { id, at } = await aLife();

    const answer = await service.deliver(at('moved'));

    expect(answer.body.notifications_sent).toBe(3);
    expect((await stored(id)).email).toBe('countess@example.com');
  });

  it('ends the same in any order and multiplicity of its events', { timeout: 120_000 }, async () => {
    const moments = fc.shuffledSubarray(
      ['created', 'renamed', 'moved', 'deleted', 'created', 'renamed', 'moved', 'deleted'] as Moment[],
      { minLength: 1 },
    );
    await fc.assert(
      fc.asyncProperty(moments, fc.integer({ min: 1, max: 4 }), async (order, parallel) => {
        const { id, at } = await aLife();
        const events = {
          created: at('created'),
          renamed: at('renamed'),
          moved: at('moved'),
          deleted: at('deleted'),
        };

        for (let start = 0; start < order.length; start += parallel) {
          const step = order.slice(start, start + parallel).map((moment) => service.deliver(events[moment]));
          for (const { status } of await Promise.all(step)) expect(status).toBe(200);
        }

        const newest = (['moved', 'renamed', 'created'] as const).find((moment) => order.includes(moment));
        const isDeleted = order.includes('deleted');
        const { name, portalAccess, lifecycle, notifications, deletedAt } = await stored(id);
        expect({
          status: portalAccess.status,
          stage: lifecycle.stage,
          isDeleted: deletedAt !== null,
        }).toEqual(
          isDeleted
            ? { status: 'revoked', stage: 'churned', isDeleted }
            : { status: 'active', stage: 'onboarding', isDeleted },
        );
        if (!isDeleted) expect(name).toBe(LIFE[newest as Moment].state.name);
        expect(new Set(notifications.map(({ status }: { status: string }) => status))).toEqual(
          new Set([isDeleted ? 'cancelled' : 'queued']),
        );
        expect(notifications).toHaveLength(3);
      }),
      { numRuns: 40 },
    );
  });
});
