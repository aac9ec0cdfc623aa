import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/platform/database/uuid.js';
import { aCustomer, anEvent, aUser } from '../support/builders.js';
import { ADMIN_KEY, TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('reading the audit', () => {
  let service: TestApp;
  let stripeCustomerId: string;
  let address: string;

  const fetchExport = (query: string) =>
    fetch(`${service.url}/admin/audit-entries/export${query}`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
    });

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
    const user = aUser();
    await service.admin('users', user);
    const customer = aCustomer({ metadata: { mingus_user_id: user.id } });
    address = customer.email;
    stripeCustomerId = String(customer.id);
    await service.deliver(anEvent(customer));
    await waitFor(
      'sent',
      async () => (await service.database.count('notifications', `status = 'sent'`)) === 3,
    );
  });
  afterAll(() => service.stop());

  describe('of one customer, the timeline,', () => {
    const timeline = (query = '') => service.admin(`customers/${stripeCustomerId}/timeline${query}`);

    it('merges events, messages, attempts, lifecycle and acts, newest first', async () => {
      const { body: suppression } = await service.admin('suppressions', { address: address.toUpperCase() });
      await service.admin(`suppressions/${suppression.id}`, undefined, 'DELETE');
      await service.admin('suppressions', { address: 'another@example.com' });
      await service.admin(`customers/${stripeCustomerId}/portal-access/suspend`, { reason: 'asked for' });

      const { status, body } = await timeline('?limit=100');

      expect(status).toBe(200);
      expect(body.nextCursor).toBeNull();
      const shown = body.items.map(({ type, what }: { type: string; what: string }) => `${type} ${what}`);
      expect(shown[0]).toBe('act portal_access.suspended');
      expect(shown.toSorted()).toEqual(
        [
          'act customer.created',
          'act portal_access.suspended',
          'act address_suppression.added',
          'act address_suppression.removed',
          'act user.created',
          'attempt accepted',
          'attempt accepted',
          'attempt accepted',
          'event customer.created',
          'lifecycle onboarding',
          'message onboarding_guide',
          'message portal_access',
          'message welcome',
        ].toSorted(),
      );
    });

    it('includes what operators did with a former address', async () => {
      const { metadata } = await service.createUser();
      const customer = aCustomer({ metadata, email: `Former.${stripeCustomerId}@example.com` });
      await service.deliver(anEvent(customer));
      const created = Math.floor(Date.now() / 1000) + 5;
      const present = { ...customer, email: `present.${stripeCustomerId}@example.com` };
      await service.deliver(anEvent(present, { type: 'customer.updated', created }));
      await service.admin('suppressions', { address: customer.email });

      const { body } = await service.admin(`customers/${customer.id}/timeline?limit=100`);

      expect(body.items).toContainEqual(
        expect.objectContaining({ type: 'act', what: 'address_suppression.added' }),
      );
    });

    it('comes in pages without gap or overlap', async () => {
      const all = (await timeline('?limit=100')).body.items;
      const paged: unknown[] = [];
      for (let cursor = ''; ;) {
        const { body } = await timeline(`?limit=3${cursor}`);
        paged.push(...body.items);
        if (!body.nextCursor) break;
        cursor = `&cursor=${body.nextCursor}`;
      }
      expect(paged).toEqual(all);
    });

    it.each([
      ['customers/cus_unknown/timeline', 404],
      [`customers/cus_unknown/timeline?limit=0`, 400],
      ['customers/cus_unknown/timeline?cursor=x', 400],
      ['customers/cus_unknown/timeline?other=1', 400],
    ])('answers %s with %i', async (path, status) => {
      expect((await service.admin(path)).status).toBe(status);
    });
  });

  describe('as a list and an export', () => {
    const hourFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const FILTERS: [string, Record<string, string>, string[]][] = [
      ['action', { action: 'portal_access.suspended' }, ['portal_access.suspended']],
      ['unknown action', { action: 'nothing.done' }, []],
      ['kind of actor', { actorType: 'operator', action: 'user.created' }, ['user.created']],
      ['other kind of actor', { actorType: 'customer' }, []],
      ['actor', { actorId: 'bootstrap', action: 'user.created' }, ['user.created']],
      ['other actor', { actorId: 'another' }, []],
      ['request of Stripe', { actorId: 'req_unknown' }, []],
      ['time', { since: hourFromNow(-1), until: hourFromNow(1), action: 'user.created' }, ['user.created']],
      ['time before', { until: hourFromNow(-1) }, []],
      ['time after', { since: hourFromNow(1) }, []],
    ];

    it.each(FILTERS)('can be filtered by %s', async (_, filter, actions) => {
      const query = `?${new URLSearchParams(filter).toString()}`;
      const { body } = await service.admin(`audit-entries${query}`);
      const lines = (await (await fetchExport(query)).text()).split('\n').filter((line) => line);

      expect(body.items.map(({ action }: { action: string }) => action)).toEqual(actions);
      expect(lines.map((line) => JSON.parse(line).id)).toEqual(
        body.items.map(({ id }: { id: string }) => id),
      );
    });

    it('keeps its filter from page to page', async () => {
      const since = hourFromNow(-1);
      const first = (await service.admin(`audit-entries?limit=1&since=${since}&actorType=operator`)).body;
      const next = await service.admin(
        `audit-entries?limit=100&since=${since}&actorType=operator&cursor=${first.nextCursor}`,
      );

      const ids = [...first.items, ...next.body.items].map(({ id }) => id);
      expect(ids.length).toBeGreaterThan(1);
      expect(ids).toEqual([...new Set(ids)].toSorted().toReversed());
    });

    it.each([
      'action=Customer',
      'action=',
      'actorType=god',
      'actorId=',
      'actorId=a%20b',
      'since=yesterday',
      'until=2026-13-01',
      'since=&until=',
      'since=1&since=2',
      'until=%2B275760-09-13T00:00:00Z',
    ])('refuses %s', async (query) => {
      expect((await service.admin(`audit-entries?${query}`)).status).toBe(400);
    });
  });

  describe('as an export', () => {
    it('has every entry in order, across pages', async () => {
      await service.database.rows(
        `insert into audit_entries (id, action, actor_type, object_type, object_id, source, details, occurred_at)
         select gen_random_uuid(), 'filled', 'system', 'test', n::text, 'test', '{}', now()
         from generate_series(1, 2500) as n`,
      );
      const answer = await fetchExport('');
      const lines = (await answer.text()).trimEnd().split('\n');

      expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
      const ids = lines.map((line) => JSON.parse(line).id);
      const stored = await service.database.rows<{ id: string }>('select id from audit_entries order by id');
      expect(ids).toEqual(stored.map(({ id }) => id));
    });

    it('as CSV has a header line and no formulas', async () => {
      await service.database.rows(
        `insert into audit_entries (id, action, actor_type, object_type, object_id, source, details, occurred_at)
         values ($1, 'named', 'system', 'test', '=HYPERLINK("http://evil.test")', 'test', '{"a": "x,\\"y"}', now())`,
        [uuidv7()],
      );
      const answer = await fetchExport(
        `?format=csv&objectId=${encodeURIComponent('=HYPERLINK("http://evil.test")')}`,
      );
      const [names, entry, ...rest] = (await answer.text()).trimEnd().split('\n');

      expect(answer.headers.get('content-disposition')).toBe('attachment; filename="audit-entries.csv"');
      expect(names).toMatch(/^id,customerId,action,actorType,/);
      expect(entry).toContain(`,"'=HYPERLINK(""http://evil.test"")",`);
      expect(rest).toEqual([]);
    });

    it('can be filtered, and without results has the header line only', async () => {
      const all = await (await fetchExport(`?objectId=${stripeCustomerId}`)).text();
      expect(all).toContain('customer.created');
      const none = await fetchExport(`?format=csv&objectId=${stripeCustomerId}&until=2020-01-01T00:00:00Z`);
      expect((await none.text()).split('\n')).toHaveLength(2);
    });

    it.each(['?format=xml', '?since=yesterday', '?customerId=x', '?limit=1', '?actorType=god'])(
      'refuses %s',
      async (query) => {
        expect((await fetchExport(query)).status).toBe(400);
      },
    );
  });
});
