import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { rowsAddedBy } from '../support/database/stored-rows.js';
import { TestApp } from '../support/test-app.js';

describe('a customer that an operator links', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  const link = (customer: { id: string }, userId: string) =>
    service.admin(`customers/${customer.id}/link`, { userId });
  const unlink = (customer: { id: string }) => service.admin(`customers/${customer.id}/unlink`, {});
  const stored = async (customer: { id: string }) => (await service.admin(`customers/${customer.id}`)).body;

  /** A customer that was set up for a user. */
  async function aLinked() {
    const user = await service.createUser();
    const customer = aCustomer({ metadata: user.metadata });
    const event = anEvent(customer);
    await service.deliver(event);
    return { customer, event, user };
  }

  /** The customer's notifications, each as `user status reason`. */
  async function messagesOf(customer: { id: string }) {
    const { notifications } = await stored(customer);
    return notifications.map(({ userId, status, reason }: Fields) => [userId, status, reason].join(' '));
  }

  const linksOf = (customer: { id: string }) =>
    service.database.rows<{ action: string; details: { userId: Fields } }>(
      `select action, details from audit_entries
       where object_id = $1 and action in ('customer.linked', 'customer.unlinked') order by id`,
      [customer.id],
    );

  it('has no user when it is unlinked: no access, no messages, its lifecycle kept', async () => {
    const { customer, user } = await aLinked();
    const before = await stored(customer);

    const { status, body } = await unlink(customer);

    expect(status).toBe(200);
    expect(body).toEqual({
      stripeCustomerId: customer.id,
      userIdBefore: user.id,
      userId: null,
      changes: [`Unlinked from user: ${user.id}`, 'Customer portal access revoked'],
    });
    const after = await stored(customer);
    expect(after).toMatchObject({ userId: null, user: null, portalAccess: { status: 'revoked' } });
    expect(after.lifecycle).toEqual(before.lifecycle);
    expect(await messagesOf(customer)).toEqual(Array(3).fill(' cancelled customer_unlinked'));
  });

  it('has its access and its unsent messages again when it is linked to the same user', async () => {
    const { customer, user } = await aLinked();
    await unlink(customer);

    const { result, added } = await rowsAddedBy(service.database, () => link(customer, user.id));

    expect(result.body).toEqual({
      stripeCustomerId: customer.id,
      userIdBefore: null,
      userId: user.id,
      changes: [
        `Linked to user: ${user.id}`,
        'Customer portal access restored',
        'Notifications queued: welcome, onboarding_guide, portal_access',
      ],
    });
    expect(added).toEqual({ notifications: 3, audit_entries: 1, 'job deliver-notification': 3 });
    expect(await stored(customer)).toMatchObject({ userId: user.id, portalAccess: { status: 'active' } });
  });

  it('stays without access if an operator revoked it', async () => {
    const { customer, user } = await aLinked();
    await service.admin(`customers/${customer.id}/portal-access/revoke`, { reason: 'fraud' });
    await unlink(customer);

    await link(customer, user.id);

    expect(await stored(customer)).toMatchObject({ userId: user.id, portalAccess: { status: 'revoked' } });
  });

  it('goes from one user to another, and back: each user gets each message once, and nothing stays queued for the other', async () => {
    const { customer, user } = await aLinked();
    const other = await service.createUser();

    const relinked = await link(customer, other.id);
    const afterwards = (await messagesOf(customer)).toSorted();
    await link(customer, user.id);

    expect(relinked.body).toMatchObject({ userIdBefore: user.id, userId: other.id });
    expect(afterwards).toEqual([
      ...Array(3).fill(' cancelled customer_unlinked'),
      ...Array(3).fill(`${other.id} queued `),
    ]);
    expect((await messagesOf(customer)).toSorted()).toEqual([
      ...Array(6).fill(' cancelled customer_unlinked'),
      ...Array(3).fill(`${user.id} queued `),
    ]);
    expect(await stored(customer)).toMatchObject({ userId: user.id, portalAccess: { status: 'active' } });
  });

  it('leaves an audit entry with before and after for each act, and none without a change', async () => {
    const { customer, user } = await aLinked();
    const other = await service.createUser();

    await link(customer, user.id);
    await link(customer, other.id);
    await unlink(customer);
    await unlink(customer);
    await link(customer, user.id);

    expect((await linksOf(customer)).map(({ action, details }) => ({ action, ...details.userId }))).toEqual([
      { action: 'customer.linked', before: user.id, after: other.id },
      { action: 'customer.unlinked', before: other.id, after: null },
      { action: 'customer.linked', before: null, after: user.id },
    ]);
    const { timeline } = await stored(customer);
    expect(timeline.map(({ what }: Fields) => what)).toEqual(expect.arrayContaining(['customer.linked']));
  });

  it.each([
    [
      'linked to its user again',
      (customer: Fields & { id: string }, userId: string) => link(customer, userId),
    ],
    [
      'unlinked again',
      async (customer: Fields & { id: string }) => {
        await unlink(customer);
        return unlink(customer);
      },
    ],
  ])('reports no changes when it is %s', async (__, act) => {
    const { customer, user } = await aLinked();
    await act(customer, user.id);

    const { result, added } = await rowsAddedBy(service.database, () => act(customer, user.id));

    expect(result.body).toMatchObject({ stripeCustomerId: customer.id, changes: [] });
    expect(added).toEqual({});
  });

  it.each([
    ['one user', 1],
    ['eight users', 8],
  ])(
    'ends with one user and one set of messages when eight requests link it at once to %s',
    async (__, count) => {
      const { customer } = await aLinked();
      await unlink(customer);
      const users = await Promise.all(Array.from({ length: count }, () => service.createUser()));

      const answers = await Promise.all(
        Array.from({ length: 8 }, (___, index) => link(customer, users[index % count]?.id as string)),
      );

      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      const changed = answers.filter(({ body }) => body.changes.length > 0);
      expect(changed).toHaveLength(count);
      const { userId, notifications } = await stored(customer);
      const queued = notifications.filter(({ status }: Fields) => status === 'queued');
      expect(queued.map((notification: Fields) => notification.userId)).toEqual(Array(3).fill(userId));
    },
  );

  it.each<[string, (user: { metadata: Fields }) => Fields]>([
    ['its former user', ({ metadata }) => metadata],
    ['an unknown user', () => ({ mingus_user_id: aUser().id })],
    ['nobody', () => ({})],
  ])('stays unlinked when events name %s', async (__, metadataFor) => {
    const { customer, event, user } = await aLinked();
    await unlink(customer);
    const object = { ...customer, metadata: metadataFor(user), name: 'Ada King' };
    const later = Number(event.created) + 10;

    await service.deliver(anEvent(object, { type: 'customer.updated', created: later }));
    await service.deliver(anEvent(object, { created: later }));
    await service.deliver(event);
    const replayed = await service.admin(`webhook-events/${event.id}/replay`, {});

    expect(replayed.body).toMatchObject({
      outcome: 'created',
      errorCode: 'customer_unlinked',
      rows: {},
      jobs: {},
    });
    expect(await stored(customer)).toMatchObject({
      userId: null,
      name: 'Ada King',
      portalAccess: { status: 'revoked' },
    });
    expect(await messagesOf(customer)).toEqual(Array(3).fill(' cancelled customer_unlinked'));
  });

  it('stays with its new user when events name the old one, and is repaired for the new one', async () => {
    const { customer, event, user } = await aLinked();
    const other = await service.createUser();
    await link(customer, other.id);
    await service.database.rows(
      'delete from portal_accesses where customer_id = (select id from customers where stripe_customer_id = $1)',
      [customer.id],
    );

    await service.deliver(
      anEvent(customer, { type: 'customer.updated', created: Number(event.created) + 10 }),
    );
    const { body } = await service.admin(`webhook-events/${event.id}/replay`, {});

    expect(body.rows).toEqual({ portal_accesses: 1 });
    expect((await stored(customer)).userId).toBe(other.id);
    expect(await service.database.count('notifications', `user_id = '${user.id}'`)).toBe(0);
  });

  it('can be deleted while it is unlinked, and not be linked after that: 409', async () => {
    const { customer, user } = await aLinked();
    await unlink(customer);

    const deletion = await service.deliver(anEvent(customer, { type: 'customer.deleted' }));

    expect(deletion.body.success).toBe(true);
    expect(await link(customer, user.id)).toMatchObject({ status: 409, body: { code: 'customer_deleted' } });
    expect(await stored(customer)).toMatchObject({
      userId: null,
      portalAccess: { status: 'revoked' },
      lifecycle: { stage: 'churned' },
    });
  });

  it('can be unlinked after its deletion', async () => {
    const { customer } = await aLinked();
    await service.deliver(anEvent(customer, { type: 'customer.deleted' }));

    expect((await unlink(customer)).status).toBe(200);

    expect(await stored(customer)).toMatchObject({ userId: null, portalAccess: { status: 'revoked' } });
  });

  it('whose access is suspended stays suspended when it is unlinked and linked again', async () => {
    const { customer, user } = await aLinked();
    await service.database.rows(
      `update portal_accesses set status = 'suspended'
       where customer_id = (select id from customers where stripe_customer_id = $1)`,
      [customer.id],
    );

    await unlink(customer);
    await link(customer, user.id);

    expect((await stored(customer)).portalAccess.status).toBe('suspended');
  });
});
