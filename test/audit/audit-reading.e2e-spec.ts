import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '../../src/platform/database/uuid.js';
import { aCustomer, anEvent, aUser } from '../support/builders.js';
import { ADMIN_KEY, TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('what the audit tells', () => {
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

    it('merges events, messages, tries, lifecycle and acts, newest first', async () => {
      const { body: suppression } = await service.admin('suppressions', { address: address.toUpperCase() });
      await service.admin(`suppressions/${suppression.id}`, undefined, 'DELETE');
      await service.admin('suppressions', { address: 'another@example.com' });
      await service.admin(`customers/${stripeCustomerId}/portal-access/suspend`, { reason: 'asked for' });

      const { status, body } = await timeline('?limit=100');

      expect(status).toBe(200);
      expect(body.nextCursor).toBeNull();
      const told = body.items.map(({ type, what }: { type: string; what: string }) => `${type} ${what}`);
      expect(told[0]).toBe('act portal_access.suspended');
      expect(told.toSorted()).toEqual(
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

    it('comes in pages that together are all of it', async () => {
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

    it('as CSV has a line of names and no formula', async () => {
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

    it('has its filters, and only the line of names for nothing', async () => {
      const all = await (await fetchExport(`?objectId=${stripeCustomerId}`)).text();
      expect(all).toContain('customer.created');
      const none = await fetchExport(`?format=csv&objectId=${stripeCustomerId}&until=2020-01-01T00:00:00Z`);
      expect((await none.text()).split('\n')).toHaveLength(2);
    });

    it.each(['?format=xml', '?since=yesterday', '?customerId=x', '?limit=1'])('refuses %s', async (query) => {
      expect((await fetchExport(query)).status).toBe(400);
    });
  });
});
