import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditHeads } from '../../src/audit/seals/audit-heads.service.js';
import { AuditSealer } from '../../src/audit/seals/audit-sealer.service.js';
import { type AuditFinding, AuditVerifier } from '../../src/audit/seals/audit-verifier.service.js';
import type { ExportedHead } from '../../src/audit/seals/exported-head.js';
import { uuidv7 } from '../../src/platform/database/uuid.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { CliProcess } from '../support/process/cli-process.js';
import { TestApp } from '../support/test-app.js';
import { productionEnvironment } from '../support/process/test-environment.js';

const ENTRY = `insert into audit_entries
  (id, action, actor_type, object_type, object_id, source, details, occurred_at)
  values ($1, $2, 'system', 'test', 'one', 'test', '{"b": [1, 2.5], "a": {"z": null, "é": "ü"}}', now())`;

describe('the seals of the audit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mingus-heads-'));
  const headsFile = join(folder, 'heads.log');
  let service: TestApp;

  const seal = () => service.app.get(AuditSealer).seal();
  const write = async (...actions: string[]) => {
    for (const action of actions) await service.database.rows(ENTRY, [uuidv7(), action]);
  };
  const verify = async (heads: ExportedHead[] = []) => {
    const findings: AuditFinding[] = [];
    const result = await service.app.get(AuditVerifier).verify(heads, (finding) => findings.push(finding));
    return { ...result, found: findings };
  };
  const kindsFound = async (heads?: ExportedHead[]) => (await verify(heads)).found.map(({ kind }) => kind);

  /** As somebody who owns the tables and knows what he does. */
  const tamper = (...statements: string[]) => {
    const triggers = (state: string) =>
      ['audit_entries', 'audit_seals'].flatMap((table) =>
        ['append_only', 'no_truncate'].map(
          (name) => `alter table ${table} ${state} trigger ${table}_${name}`,
        ),
      );
    return service.database.rows(
      [...triggers('disable'), ...statements, ...triggers('enable always')].join(';'),
    );
  };

  beforeAll(async () => {
    service = await TestApp.start({ env: { AUDIT_HEADS_FILE: headsFile } });
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    await tamper('truncate audit_entries, audit_seals restart identity');
    await write('one', 'two', 'three', 'four');
    await seal();
    await write('five', 'six');
    await seal();
  });
  afterEach(() => rmSync(headsFile, { force: true }));

  it('hold while nobody tampers, whatever a listener has written', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    await service.deliver(anEvent(customer));
    const update = { type: 'customer.updated', created: Number(anEvent().created) + 5 };
    await service.deliver(anEvent({ ...customer, email: 'new@example.com' }, update));
    await service.admin('suppressions', { address: 'gone@example.com' });
    expect((await verify()).unsealed).toBe(3);

    await seal();

    expect(await verify()).toMatchObject({ entries: 9, seals: 3, unsealed: 0, erased: 0, found: [] });
  });

  it('are none for nothing', async () => {
    expect(await seal()).toEqual([]);
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
      [/^inserted: 1 entries before position 1$/],
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
    await tamper(...statements);

    const { found } = await verify();

    for (const pattern of expected)
      expect(found.map(({ kind, text }) => `${kind}: ${text}`)).toContainEqual(
        expect.stringMatching(pattern),
      );
  });

  it('show an entry put at a place that a transaction left behind', async () => {
    await service.database.rows(`select nextval('audit_entries_position_seq')`);
    await write('eight');
    await seal();
    await tamper(
      `insert into audit_entries select gen_random_uuid(), customer_id, 'forged', actor_type, actor_id, object_type,
       object_id, source, stripe_event_id, details, processing_ms, occurred_at, 7 from audit_entries limit 1`,
    );
    expect(await kindsFound()).toEqual(['inserted']);
  });

  it('of a trail that was rewritten as a whole differ from the heads exported before, and only from those', async () => {
    await service.app.get(AuditHeads).export();
    const heads = readFileSync(headsFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[1]?.split(':') as [string, string])
      .map(([number, hash]) => ({ seal: Number(number), hash }));
    await tamper(
      `update audit_entries set action = 'nothing' where action = 'two'`,
      'delete from audit_seals',
    );
    await seal();

    expect(await kindsFound()).toEqual([]);
    expect(await kindsFound(heads)).toEqual(['rewritten', 'rewritten']);
    await expect(service.app.get(AuditHeads).export()).rejects.toThrow('rewritten: seal 2');
  });

  it('leave the database: each head once, also after a line that was cut off', async () => {
    const heads = service.app.get(AuditHeads);
    await heads.export();
    await heads.export();
    writeFileSync(headsFile, `${readFileSync(headsFile, 'utf8')}2026-11-26T0`);
    await write('seven');
    const [head] = await seal();
    await heads.export();

    const lines = readFileSync(headsFile, 'utf8').trim().split('\n');
    expect(lines.map((line) => / (\d+):/.exec(line)?.[1])).toEqual(['1', '2', undefined, '3']);
    expect(lines.at(-1)).toMatch(new RegExp(`Z 3:${head?.hash}$`));
  });

  /** A customer with an entry about nobody that holds their address; all sealed. */
  const someoneSuppressed = async () => {
    const customer = aCustomer({ metadata: (await service.createUser()).metadata });
    await service.deliver(anEvent(customer));
    await service.admin('suppressions', { address: customer.email });
    await seal();
    return customer;
  };

  it('hold when personal values are erased with a person, but not when they are changed', async () => {
    const customer = await someoneSuppressed();
    const other = await someoneSuppressed();

    await service.admin(`customers/${customer.id}/erase`, { confirm: customer.id });

    expect(await verify()).toMatchObject({ erased: 1, found: [] });
    await seal();
    expect(await verify()).toMatchObject({ erased: 1, found: [] });
    const held = `select personal ->> 'address' as address from audit_entries
      where object_type = 'suppression' order by position`;
    expect(await service.database.rows(held)).toEqual([{ address: null }, { address: other.email }]);
    await tamper(`update audit_entries set personal = '{"address": "else@example.com"}'
       where personal_digest is not null`);
    expect(await kindsFound()).toEqual(['changed', 'changed']);
  });

  it('do not hold when personal values are erased for nobody, whoever is erased later', async () => {
    const victim = await someoneSuppressed();
    const other = await someoneSuppressed();

    await service.database.rows(`select erase_audit_personal('{}', array[$1])`, [victim.email.toUpperCase()]);

    expect(await kindsFound()).toEqual(['changed']);
    await service.admin(`customers/${other.id}/erase`, { confirm: other.id });
    await seal();
    expect(await kindsFound()).toEqual(['changed']);
  });

  it('cover every entry exactly once while many write and two seal', async () => {
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
          await client.query(ENTRY, [uuidv7(), `${index}-${turn}`]);
          // Longer for some: what has a lower position commits later.
          await client.query('select pg_sleep($1)', [((index * 7 + turn) % 5) / 200]);
          await client.query(ENTRY, [uuidv7(), `${index}-${turn}`]);
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
    await seal();

    const result = await verify();
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
    CliProcess.run(['audit', ...args], productionEnvironment(service.database.url, 1));

  beforeAll(async () => {
    service = await TestApp.start();
    await service.database.rows(ENTRY, [uuidv7(), 'one']);
    await service.app.get(AuditSealer).seal();
  });
  afterAll(() => service.stop());

  it('exits with 0 for a trail as it was written, and with 1 for another', async () => {
    const [{ hash }] = (await service.database.rows('select hash from audit_seals')) as [{ hash: string }];
    const good = await run('verify', '--head', `1:${hash}`);
    expect(good.stdout).toContain(`Head 1:${hash}\nThe trail is as it was written`);
    expect(good.exitCode).toBe(0);

    const bad = await run('verify', '--head', `1:${'0'.repeat(64)}`);
    expect(bad.stdout).toContain('rewritten: seal 1 is not the one that was exported');
    expect(bad.exitCode).toBe(3);
  });
});
