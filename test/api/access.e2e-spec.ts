import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeApi } from '../../src/describe-api.js';
import type { Role } from '../../src/platform/caller.js';
import { ADMIN_KEY, SERVICE_KEY, TestApp } from '../support/test-app.js';

interface Operation {
  security?: unknown[];
  'x-required-role'?: Role;
}

/** For each role, the roles that are too low for it. */
const TOO_LOW: Record<Role, Role[]> = {
  viewer: ['service', 'collector'],
  operator: ['viewer', 'service', 'collector'],
  admin: ['viewer', 'operator', 'service', 'collector'],
  service: ['viewer', 'operator', 'admin', 'collector'],
  collector: ['viewer', 'operator', 'admin', 'service'],
};
/** Routes that need no key. */
const OPEN = [
  /^\/webhooks\//,
  /^\/health\//,
  /^\/metrics$/,
  /^\/$/,
  /^\/favicon\.ico$/,
  /^\/portal\//,
  /^\/portal$/,
  /^\/preferences\//,
  /^\/unsubscribe\//,
];

describe('keys', () => {
  let service: TestApp;
  const keys = {} as Record<Role | 'expired' | 'revoked', string>;
  let operatorId: string;

  const call = (path: string, key: string | null, method = 'GET', body?: object) =>
    fetch(`${service.url}${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      body: body && JSON.stringify(body),
    });
  const statusOf = async (...args: Parameters<typeof call>) => (await call(...args)).status;
  const make = async (role: Role, fields: object = {}, key = ADMIN_KEY) => {
    const answer = await call('/admin/api-keys', key, 'POST', { name: `a ${role}`, role, ...fields });
    expect(answer.status).toBe(201);
    return (await answer.json()) as { id: string; key: string; prefix: string };
  };

  beforeAll(async () => {
    service = await TestApp.start();
    for (const role of ['viewer', 'operator', 'service', 'collector'] as const) {
      const { id, key } = await make(role);
      keys[role] = key;
      if (role === 'operator') operatorId = id;
    }
    const expired = await make('admin', { expiresAt: new Date(Date.now() + 3_600_000) });
    keys.expired = expired.key;
    await service.database.rows(`update api_keys set expires_at = now() where id = $1`, [expired.id]);
    keys.admin = (await make('admin')).key;
    const revoked = await make('admin');
    keys.revoked = revoked.key;
    expect(await statusOf(`/admin/api-keys/${revoked.id}/revoke`, keys.admin, 'POST')).toBe(200);
  });
  afterAll(() => service.stop());

  it('open exactly the routes of their role, on every route of the API document', async () => {
    const { paths } = describeApi(service.app);
    const seen = { guarded: 0, open: 0 };
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(operations as Record<string, Operation>)) {
        const where = path.replaceAll(/\{[^}]+\}/g, 'unknown');
        if (OPEN.some((pattern) => pattern.test(path))) {
          seen.open += 1;
          expect(operation.security, path).toEqual([]);
          continue;
        }
        seen.guarded += 1;
        const role = operation['x-required-role'];
        expect(role, `${method} ${path} declares a role`).toBeDefined();
        expect(operation.security, path).toHaveLength(1);
        const statuses = (shown: (string | null)[]) =>
          Promise.all(shown.map((key) => statusOf(where, key, method.toUpperCase())));
        expect(
          await statuses([null, 'wrong', `${keys.viewer}x`, keys.expired, keys.revoked]),
          `${method} ${path}`,
        ).toEqual([401, 401, 401, 401, 401]);
        const low = TOO_LOW[role as Role].map((name) => keys[name]);
        expect(await statuses(low), `${method} ${path}`).toEqual(low.map(() => 403));
        expect([401, 403], `${method} ${path}`).not.toContain((await statuses([keys[role as Role]]))[0]);
      }
    }
    expect(seen.guarded).toBeGreaterThan(40);
    expect(seen.open).toBeGreaterThan(8);
  });

  it('of the environment only manage keys while an admin key exists; the key of MINGUS keeps its rights', async () => {
    expect(await statusOf('/admin/customers', ADMIN_KEY)).toBe(403);
    expect(await statusOf('/admin/api-keys', ADMIN_KEY)).toBe(200);
    expect(await statusOf('/users/unknown/notifications', SERVICE_KEY)).not.toBe(403);

    const fresh = await TestApp.start();
    expect((await fresh.admin('customers')).status).toBe(200);
    await fresh.stop();
  });

  it('are stored as digests, and listed without them and with the time of their last use', async () => {
    const stored = JSON.stringify(await service.database.rows('select * from api_keys'));
    for (const key of Object.values(keys)) expect(stored).not.toContain(key.slice(17));
    const { items } = (await (await call('/admin/api-keys?limit=100', keys.admin)).json()) as {
      items: { id: string }[];
    };
    expect(JSON.stringify(items)).not.toContain('digest');
    expect(items.find(({ id }) => id === operatorId)).toMatchObject({
      name: 'a operator',
      role: 'operator',
      prefix: keys.operator.slice(0, 16),
      revokedAt: null,
      lastUsedAt: expect.any(String),
    });
  });

  it('work until they expire', async () => {
    const expiresAt = new Date(Date.now() + 1500);
    const { key } = await make('viewer', { expiresAt }, keys.admin);
    expect(await statusOf('/admin/customers', key)).toBe(200);

    await sleep(expiresAt.getTime() - Date.now() + 50);

    expect(await statusOf('/admin/customers', key)).toBe(401);
  });

  it('are rotated: the old one works for the requested time', async () => {
    const { id, key } = await make('viewer', {}, keys.admin);
    const rotate = (graceSeconds: number) =>
      call(`/admin/api-keys/${id}/rotate`, keys.admin, 'POST', { graceSeconds });

    const successor = (await (await rotate(60)).json()) as { key: string };
    expect(successor).toMatchObject({ name: 'a viewer', role: 'viewer', expiresAt: null });
    expect(await statusOf('/admin/customers', key)).toBe(200);
    expect(await statusOf('/admin/customers', successor.key)).toBe(200);

    await rotate(0);
    expect(await statusOf('/admin/customers', key)).toBe(401);
    expect((await rotate(0)).status).toBe(409);
  });

  it('are named in the audit, with request and address', async () => {
    const [created] = await service.database.rows(
      `select action, actor_type, actor_id, actor_name, source, ip, request_id, details ->> 'role' as role
       from audit_entries where action = 'api_key.created' order by id limit 1`,
    );
    expect(created).toEqual({
      action: 'api_key.created',
      actor_type: 'operator',
      actor_id: 'bootstrap',
      actor_name: 'ADMIN_API_KEY',
      source: 'admin_api',
      ip: '127.0.0.1',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      role: 'viewer',
    });
    await call('/admin/suppressions', keys.operator, 'POST', { address: 'gone@example.com' });
    const [acted] = await service.database.rows<{ actor_id: string; actor_name: string }>(
      `select actor_id, actor_name from audit_entries where action like 'address_suppression.%'`,
    );
    expect(acted).toEqual({ actor_id: operatorId, actor_name: 'a operator' });
  });

  it.each([
    [{}, 400],
    [{ name: '', role: 'viewer' }, 400],
    [{ name: '=cmd', role: 'viewer' }, 400],
    [{ name: 'a\nb', role: 'viewer' }, 400],
    [{ name: 'a', role: 'root' }, 400],
    [{ name: 'a', role: 'viewer', expiresAt: 'soon' }, 400],
    [{ name: 'a', role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' }, 400],
    [{ name: 'a', role: 'viewer', key: 'mine' }, 400],
  ])('cannot be created from %j', async (body, status) => {
    expect(await statusOf('/admin/api-keys', keys.admin, 'POST', body)).toBe(status);
  });

  it.each([
    ['/admin/api-keys/x/revoke', 400],
    ['/admin/api-keys/00000000-0000-7000-8000-000000000000/revoke', 404],
    ['/admin/api-keys/00000000-0000-7000-8000-000000000000/rotate', 400],
  ])('%s is answered with %i', async (path, status) => {
    const body = path.endsWith('rotate') ? { graceSeconds: -1 } : undefined;
    expect(await statusOf(path, keys.admin, 'POST', body)).toBe(status);
  });
});

describe('what is open by default', () => {
  it('needs a viewer key when it is protected', async () => {
    const service = await TestApp.start({ env: { DOCS_ACCESS: 'viewer', METRICS_ACCESS: 'viewer' } });
    const fetchWith = (path: string, authorization?: string) =>
      fetch(`${service.url}${path}`, { headers: authorization ? { authorization } : {} });
    for (const path of ['/docs', '/docs-json', '/metrics']) {
      expect((await fetchWith(path)).status, path).toBe(401);
      expect((await fetchWith(path, `Bearer ${SERVICE_KEY}`)).status, path).toBe(403);
      expect((await fetchWith(path, `Bearer ${ADMIN_KEY}`)).status, path).toBe(200);
    }
    expect(describeApi(service.app).paths['/metrics']?.get?.security).toEqual([{ bearer: [] }]);
    expect((await fetchWith('/health/live')).status).toBe(200);
    await service.stop();
  });

  it('is closed to pages of other origins', async () => {
    const service = await TestApp.start();
    const origin = { origin: 'https://elsewhere.test' };
    const preflight = { ...origin, 'access-control-request-method': 'GET' };
    const answers = await Promise.all(
      ['/admin/customers', '/webhooks/stripe', '/metrics', '/docs-json', '/portal'].flatMap((path) => [
        fetch(`${service.url}${path}`, { headers: origin }),
        fetch(`${service.url}${path}`, { method: 'OPTIONS', headers: preflight }),
      ]),
    );
    const allowed = answers.flatMap(({ url, headers }) =>
      [...headers.keys()]
        .filter((name) => name.startsWith('access-control-'))
        .map((name) => `${url} ${name}`),
    );
    expect(allowed).toEqual([]);
    await service.stop();
  });

  it('is limited by key and by address, but never the webhook', async () => {
    const limits = { API_MAX_PER_KEY_MINUTE: '3', API_MAX_PER_ADDRESS_MINUTE: '5' };
    const service = await TestApp.start({ env: limits });
    const statuses = async (key: string, times: number) => {
      const seen: number[] = [];
      for (let i = 0; i < times; i += 1) {
        const answer = await fetch(`${service.url}/admin/customers`, {
          headers: { authorization: `Bearer ${key}` },
        });
        seen.push(answer.status);
        if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      return seen;
    };
    expect(await statuses(ADMIN_KEY, 4)).toEqual([200, 200, 200, 429]);
    expect(await statuses('wrong', 3)).toEqual([401, 429, 429]);
    const garbage = () => fetch(`${service.url}/webhooks/stripe`, { method: 'POST', body: '{}' });
    const answers = await Promise.all(Array.from({ length: 20 }, garbage));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 400));
    await service.stop();
  });

  it('counts the addresses of one IPv6 network together', async () => {
    const service = await TestApp.start({
      env: { API_MAX_PER_ADDRESS_MINUTE: '2', TRUSTED_PROXIES: '127.0.0.1' },
    });
    const statusFrom = async (ip: string) => {
      const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'x-forwarded-for': ip };
      return (await fetch(`${service.url}/admin/customers`, { headers })).status;
    };
    const ips = ['2001:db8:0:1::1', '2001:db8:0:1:2::2', '2001:db8:0:1::3', '2001:db8:0:2::1'];
    const statuses: number[] = [];
    for (const ip of ips) statuses.push(await statusFrom(ip));

    expect(statuses).toEqual([200, 200, 429, 200]);
    await service.stop();
  });

  it('limits the pages by address as well, but not the button of a mail program', async () => {
    const service = await TestApp.start({ env: { API_MAX_PER_ADDRESS_MINUTE: '2' } });
    const statuses = async (path: string, init: RequestInit = {}) => {
      const seen: number[] = [];
      for (let i = 0; i < 3; i += 1) seen.push((await fetch(`${service.url}${path}`, init)).status);
      return seen;
    };
    const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
    const oneClick = await statuses('/unsubscribe/onboarding_guide/x', { method: 'POST', body });

    expect(await statuses('/portal')).toEqual([200, 200, 429]);
    expect(await statuses('/preferences/x')).toEqual([429, 429, 429]);
    expect(oneClick).toEqual([404, 404, 404]);
    await service.stop();
  });
});
