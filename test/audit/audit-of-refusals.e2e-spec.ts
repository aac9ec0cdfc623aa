import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RefusalRecord } from '../../src/platform/access/refusal-record.service.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';

describe('a refused request is in the audit', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({
      env: {
        STRIPE_LIVEMODE: 'false',
        TRUSTED_PROXIES: '127.0.0.1',
        MAIL_WEBHOOK_SECRET: 'mail-hook-0123456789abcdef-fedcba9876543210',
      },
    });
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    await service.app.get(RefusalRecord).record();
    const table = 'alter table audit_entries';
    await service.database.rows(
      `${table} disable trigger all; delete from audit_entries; ${table} enable trigger all`,
    );
  });

  const post = (
    path: string,
    ip: string,
    headers: Record<string, string> = {},
    body = JSON.stringify(anEvent()),
  ) =>
    fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': ip, ...headers },
      body,
    });
  const recorded = async () => {
    await service.app.get(RefusalRecord).record();
    const { body } = await service.admin('audit-entries?limit=100');
    return body.items as Record<string, unknown>[];
  };

  it('with caller, time and reason, once for each kind: a signature, a key, a role', async () => {
    const { body: viewer } = await service.admin('api-keys', { name: 'night watch', role: 'viewer' });
    for (let i = 0; i < 3; i += 1) await post('/webhooks/stripe', '198.51.100.1');
    await post('/webhooks/stripe', '198.51.100.2', { 'stripe-signature': 't=1,v1=00' });
    await post('/webhooks/mail', '2001:db8:7::1', { 'mail-signature': 'v1=00' });
    const asViewer = { authorization: `Bearer ${viewer.key}` };
    await post('/admin/users', '198.51.100.3', asViewer, '{}');
    await post('/admin/users', '198.51.100.4', { authorization: 'Bearer wrong' }, '{}');

    const entries = (await recorded()).filter(({ action }) => action === 'request.refused');

    expect(entries).toHaveLength(5);
    const unknown = { actorType: 'unknown', objectType: 'route', source: 'http' };
    expect(entries).toEqual(
      expect.arrayContaining(
        [
          {
            ...unknown,
            objectId: 'POST /webhooks/stripe',
            personal: { ip: '198.51.100.1' },
            details: { reason: 'signature_missing', count: 3 },
          },
          {
            ...unknown,
            objectId: 'POST /webhooks/stripe',
            personal: { ip: '198.51.100.2' },
            details: { count: 1 },
          },
          {
            ...unknown,
            objectId: 'POST /webhooks/mail',
            personal: { ip: '2001:db8:7:0::/64' },
            details: { reason: 'signature' },
          },
          {
            objectId: 'POST /admin/users',
            actorType: 'operator',
            actorName: 'night watch',
            details: { reason: 'role' },
          },
          {
            ...unknown,
            objectId: 'POST /admin/users',
            personal: { ip: '198.51.100.4' },
            details: { reason: 'wrong' },
          },
        ].map((entry) =>
          expect.objectContaining({ ...entry, details: expect.objectContaining(entry.details) }),
        ),
      ),
    );
    for (const { occurredAt, details } of entries) {
      const { firstAt, lastAt } = details as { firstAt: string; lastAt: string };
      expect([occurredAt, Date.parse(firstAt) <= Date.parse(lastAt)]).toEqual([firstAt, true]);
    }
    expect((await recorded()).filter(({ action }) => action === 'request.refused')).toHaveLength(5);
  });

  it('also for an event of the other mode with a valid signature', async () => {
    const { body } = await service.deliver(anEvent(aCustomer(), { livemode: true }));

    expect(body.success).toBe(false);
    expect(await recorded()).toMatchObject([
      { details: { reason: 'livemode_mismatch', count: 1 }, personal: { ip: '127.0.0.1' } },
    ]);
  });

  it('and a flood from many addresses makes a few entries with counts', async () => {
    const address = (n: number) => [10, n >> 8, n & 255, 1].join('.');
    for (let n = 0; n < 500; n += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => post('/webhooks/stripe', address(n + i))));
    }

    const entries = await service.app
      .get(RefusalRecord)
      .record()
      .then(() =>
        service.database.rows<{ ip: string | null; count: number }>(
          `select personal ->> 'ip' as ip, (details ->> 'count')::int as count from audit_entries where action = 'request.refused'`,
        ),
      );

    expect(entries.length).toBe(101);
    expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(500);
    expect(entries.find(({ ip }) => ip === null)).toEqual({ ip: null, count: 400 });
  });

  it('and is kept while the database is down', async () => {
    await post('/webhooks/stripe', '198.51.100.9');
    await service.database.rows('alter table audit_entries rename to audit_entries_away');
    await service.app.get(RefusalRecord).record();
    await service.database.rows('alter table audit_entries_away rename to audit_entries');
    await post('/webhooks/stripe', '198.51.100.9');

    expect(await recorded()).toMatchObject([{ personal: { ip: '198.51.100.9' }, details: { count: 2 } }]);
  });

  it('without a secret: no key, no signature, no body', async () => {
    const secret = createHash('sha256').update('x').digest('hex');
    await post('/admin/users', '198.51.100.5', { authorization: `Bearer mk_${secret}` }, `"${secret}"`);
    await post('/webhooks/stripe', '198.51.100.5', { 'stripe-signature': `t=1,v1=${secret}` }, secret);

    expect(JSON.stringify(await recorded())).not.toContain(secret);
    expect(await recorded()).toHaveLength(2);
  });
});
