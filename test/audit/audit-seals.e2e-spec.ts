import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditHeads } from '../../src/audit/seals/audit-heads.service.js';
import { AuditSealer } from '../../src/audit/seals/audit-sealer.service.js';
import { uuidv7 } from '../../src/platform/database/uuid.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { AN_ENTRY, SealedTrail } from '../support/database/sealed-trail.js';
import { runCommand } from '../support/process/command-line.js';
import { TestApp } from '../support/test-app.js';
import { productionEnvironment } from '../support/process/test-environment.js';

describe('the seals of the audit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mingus-heads-'));
  const headsFile = join(folder, 'heads.log');
  let trail: SealedTrail;
  let service: TestApp;

  beforeAll(async () => {
    trail = await SealedTrail.start({ AUDIT_HEADS_FILE: headsFile });
    ({ service } = trail);
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => trail.begin());
  afterEach(() => rmSync(headsFile, { force: true }));

  it('hold for all entries that listeners write', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    await service.deliver(anEvent(customer));
    const update = { type: 'customer.updated', created: Number(anEvent().created) + 5 };
    await service.deliver(anEvent({ ...customer, email: 'new@example.com' }, update));
    await service.admin('suppressions', { address: 'gone@example.com' });
    expect((await trail.verify()).unsealed).toBe(3);

    await trail.seal();

    expect(await trail.verify()).toMatchObject({ entries: 9, seals: 3, unsealed: 0, erased: 0, found: [] });
  });

  it('are not made without new entries', async () => {
    expect(await trail.seal()).toEqual([]);
    expect(await service.database.count('audit_seals')).toBe(2);
  });

  it.each<[string, string[], RegExp[]]>([
    [
      'a changed entry',
      [`update audit_entries set object_id = 'other' where action = 'two'`],
      [/^changed: .* 2, two of other \(seal 1\)$/],
    ],
    [
      'changed details',
      [`update audit_entries set details = '{"a": 1}' where action = 'six'`],
      [/^changed: .* six /],
    ],
    [
      'another time',
      [`update audit_entries set occurred_at = occurred_at + interval '1 us' where action = 'one'`],
      [/^changed: .* one /],
    ],
    ['a deleted entry', [`delete from audit_entries where action = 'three'`], [/^deleted: .* 3 \(seal 1\)$/]],
    [
      'a deleted tail',
      [`delete from audit_entries where position > 4`],
      [/^deleted: .* 5 \(seal 2\)$/, /^deleted: .* 6 \(seal 2\)$/],
    ],
    [
      'two entries that have changed places',
      [
        `update audit_entries set position = -1 where action = 'one'`,
        `update audit_entries set position = 1 where action = 'two'`,
        `update audit_entries set position = 2 where action = 'one'`,
      ],
      [/^changed: .* 1, two /, /^changed: .* 2, one /],
    ],
    [
      'an entry inserted at the place of one that was never committed',
      [
        `delete from audit_seals where id = 2`,
        `delete from audit_entries where position = 5`,
        `update audit_seals set last_position = 6`,
      ],
      [/^seal_changed: seal 1 does not match/, /^inserted: .* 6, six /],
    ],
    [
      'an entry inserted before all others',
      [
        `insert into audit_entries select gen_random_uuid(), customer_id, action, actor_type, actor_id, object_type,
         object_id, source, stripe_event_id, details, processing_ms, occurred_at, 0 from audit_entries limit 1`,
      ],
      [/^inserted: 1 entries at positions that were never given$/],
    ],
    [
      'a seal that is missing',
      ['delete from audit_seals where id = 1'],
      [/^seal_missing: between seal 0 and seal 2$/, /^seal_changed: seal 2 does not follow/],
    ],
    [
      'digests made to fit',
      [
        `update audit_seals set entry_digests = sha256('forged') where id = 2`,
        `delete from audit_entries where position > 4`,
      ],
      [/^seal_changed: seal 2 does not match/],
    ],
  ])('show %s', async (_name, statements, expected) => {
    await trail.tamper(...statements);

    const { found } = await trail.verify();

    for (const pattern of expected)
      expect(found.map(({ kind, text }) => `${kind}: ${text}`)).toContainEqual(
        expect.stringMatching(pattern),
      );
  });

  it('show an entry inserted at the position of a rolled-back transaction', async () => {
    await service.database.rows(`select nextval('audit_entries_position_seq')`);
    await trail.write('eight');
    await trail.seal();
    await trail.tamper(
      `insert into audit_entries select gen_random_uuid(), customer_id, 'forged', actor_type, actor_id, object_type,
       object_id, source, stripe_event_id, details, processing_ms, occurred_at, 7 from audit_entries limit 1`,
    );
    expect(await trail.kindsFound()).toEqual(['inserted']);
  });

  it('of a completely rewritten trail differ from the heads exported before, and only from those', async () => {
    await service.app.get(AuditHeads).export();
    const heads = readFileSync(headsFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[1]?.split(':') as [string, string])
      .map(([number, hash]) => ({ seal: Number(number), hash }));
    await trail.tamper(
      `update audit_entries set action = 'nothing' where action = 'two'`,
      'delete from audit_seals',
    );
    await trail.seal();

    expect(await trail.kindsFound()).toEqual([]);
    expect(await trail.kindsFound(heads)).toEqual(['rewritten', 'rewritten']);
    await expect(service.app.get(AuditHeads).export()).rejects.toThrow('rewritten: seal 2');
  });

  it('are exported: each head once, also after an incomplete line', async () => {
    const heads = service.app.get(AuditHeads);
    await heads.export();
    await heads.export();
    writeFileSync(headsFile, `${readFileSync(headsFile, 'utf8')}2026-11-26T0`);
    await trail.write('seven');
    const [head] = await trail.seal();
    await heads.export();

    const lines = readFileSync(headsFile, 'utf8').trim().split('\n');
    expect(lines.map((line) => / (\d+):/.exec(line)?.[1])).toEqual(['1', '2', undefined, '3']);
    expect(lines.at(-1)).toMatch(new RegExp(`Z 3:${head?.hash}$`));
  });

  it('cover every entry exactly once with many writers and two sealers', async () => {
    const other = await TestApp.start({ database: service.database, smtp: service.smtp });
    const clients = await Promise.all(
      Array.from({ length: 32 }, async () => {
        const client = new pg.Client({ connectionString: service.database.url });
        await client.connect();
        return client;
      }),
    );
    const writing = { isOver: false };
    const writers = Promise.all(
      clients.map(async (client, index) => {
        for (let turn = 0; turn < 8; turn += 1) {
          await client.query('begin');
          await client.query(AN_ENTRY, [uuidv7(), `${index}-${turn}`]);
          // Some transactions take longer, so that lower positions commit after higher ones.
          await client.query('select pg_sleep($1)', [((index * 7 + turn) % 5) / 200]);
          await client.query(AN_ENTRY, [uuidv7(), `${index}-${turn}`]);
          await client.query((index + turn) % 4 === 0 ? 'rollback' : 'commit');
        }
      }),
    ).finally(() => {
      writing.isOver = true;
    });
    const sealing = [service, other].map(async ({ app }) => {
      while (!writing.isOver) await app.get(AuditSealer).seal();
    });
    await Promise.all([writers, ...sealing]);
    await trail.seal();

    const result = await trail.verify();
    await Promise.all(clients.map((client) => client.end()));
    await other.stop();
    expect(result).toMatchObject({ entries: 6 + 32 * 8 * 2 * 0.75, unsealed: 0, found: [] });
    expect(result.seals).toBeGreaterThan(3);
    const [sealed] = await service.database.rows('select sum(entry_count)::int as entries from audit_seals');
    expect(sealed).toEqual({ entries: result.entries });
  });
});

describe('audit verify', () => {
  let service: TestApp;
  const run = (...args: string[]) =>
    runCommand(['audit', ...args], productionEnvironment(service.database.url, 1));

  beforeAll(async () => {
    service = await TestApp.start();
    await service.database.rows(AN_ENTRY, [uuidv7(), 'one']);
    await service.app.get(AuditSealer).seal();
  });
  afterAll(() => service.stop());

  it('exits with 0 for an unchanged trail, and with 1 for a changed one', async () => {
    const [{ hash }] = (await service.database.rows('select hash from audit_seals')) as [{ hash: string }];
    const good = await run('verify', '--head', `1:${hash}`);
    expect(good.stdout).toContain(`Head 1:${hash}\nThe audit trail is unchanged`);
    expect(good.exitCode).toBe(0);

    const bad = await run('verify', '--head', `1:${'0'.repeat(64)}`);
    expect(bad.stdout).toContain('rewritten: seal 1 is not the one that was exported');
    expect(bad.exitCode).toBe(3);
  });
});
