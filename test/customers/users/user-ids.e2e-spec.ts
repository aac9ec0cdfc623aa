import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestDatabase } from '../../support/database/test-database.js';
import { aCustomer, anEvent } from '../../support/builders.js';
import { request, SERVICE_KEY, TestApp } from '../../support/test-app.js';
import { waitFor } from '../../support/wait-for.js';

interface IdColumn {
  type: string;
  /** Values of the column, each with spellings that PostgreSQL treats as equal. */
  values: Record<string, string[]>;
  /**
   * Texts that PostgreSQL treats as another value or rejects. They are also tried without the first value.
   */
  others: string[];
  before?: string;
  /** PostgreSQL has no canonical spelling for the type: other spellings are only found by another look-up. */
  isAwaitedBySpelling?: boolean;
}

const UUIDS = [
  'a3bb189e-8bf9-3888-9912-ace4e6543002',
  'b4cc289e-8bf9-4888-a912-ace4e6543002',
  'c5dd389e-8bf9-4888-b912-ace4e6543002',
] as const;

const NUMBERS = { '42': ['042', '+42', ' 42 '], '0': ['-0'] };

const COLUMNS: IdColumn[] = [
  {
    type: 'uuid',
    values: {
      [UUIDS[0]]: [UUIDS[0].toUpperCase(), UUIDS[0].replaceAll('-', ''), ` ${UUIDS[0]}\n`],
      [UUIDS[1]]: [`{${UUIDS[1]}}`, UUIDS[1].replaceAll('-', '').replace(/(.{4})\B/g, '$1-')],
    },
    others: [`${UUIDS[0]}0`, `{${UUIDS[0]}`, UUIDS[0].replace('a3bb', 'a3-bb'), `-${UUIDS[0]}`, 'x'],
  },
  {
    type: 'smallint',
    values: { ...NUMBERS, '32767': ['032767'], '-32768': ['-0032768'] },
    others: ['32768', '-32769', '4.2', '4 2', '0x2a', '99999999999999999999', 'x'],
  },
  {
    type: 'integer',
    values: { ...NUMBERS, '2147483647': ['+2147483647'], '-2147483648': ['-02147483648'] },
    others: ['2147483648', '-2147483649', '42.0', '1e1', '', '٤٢'],
  },
  {
    type: 'bigint',
    values: {
      ...NUMBERS,
      '9223372036854775807': ['+9223372036854775807'],
      '-9223372036854775808': ['-09223372036854775808'],
    },
    others: ['9223372036854775808', '-9223372036854775809', '9'.repeat(64), '--42'],
  },
  {
    type: 'numeric',
    values: {
      ...NUMBERS,
      '42': ['42.0', '4.2e1', '0420E-1', '42.'],
      '7.50': ['7.5', '7.500', '.75e1'],
      '123456789012345678901234567890.5': ['123456789012345678901234567890.50'],
      NaN: ['nan'],
      Infinity: ['inf', '+INF'],
      '-Infinity': ['-inf'],
    },
    others: ['42.1', 'infinite', '+NaN', '1e99999', '1e-99999', '.', '4,2', 'e1'],
  },
  {
    type: 'text',
    values: { 'Ada 42': [' Ada 42 '], ' blank': [' blank'], blank: ['blank', 'blank '], "' or true --": [] },
    others: ['ada 42', 'Ada  42', '%'],
  },
  {
    type: 'varchar(64)',
    values: { 'Ada 42': [' Ada 42 '], 'trailing  ': ['trailing  '], trailing: ['trailing', '  trailing'] },
    others: ['ADA 42', 'Ada42', 'trailings'],
  },
  {
    type: 'char(12)',
    values: { 'ada 42': ['ada 42', 'ada 42   '], ' b': [' b', ' b '] },
    others: ['b', 'ADA 42'],
  },
  {
    type: 'ext.citext',
    before: 'create schema ext; create extension citext schema ext',
    values: { Ada42: ['ada42', 'ADA42', ' aDa42 '] },
    others: ['ada 42', 'ada_2'],
  },
  {
    type: 'text collate app.ignoring_case',
    before: `create collation app.ignoring_case
      (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    values: { Ada42: ['ada42', 'ADA42'] },
    isAwaitedBySpelling: true,
    others: ['ada43'],
  },
  { type: 'app.number', before: 'create domain app.number as bigint', values: NUMBERS, others: ['4.2', 'x'] },
];

describe.each(COLUMNS)('ids of users in a column of type $type', (column) => {
  const { type, values, others, before, isAwaitedBySpelling } = column;
  const [first = '', ...rest] = Object.keys(values);
  const spelled = Object.entries(values).flatMap(([id, spellings]) =>
    [id, ...spellings].map((spelling) => [spelling, id] as const),
  );
  let database: TestDatabase;
  let service: TestApp;

  beforeAll(async () => {
    database = await TestDatabase.create();
    await database.rows(`create schema app; ${before ?? ''}`);
    await database.rows(
      `create table app.members (id ${type} primary key, email text, name text, created_at timestamptz)`,
    );
    service = await TestApp.start({ database, env: { USERS_TABLE: 'app.members' }, jobs: true });
    for (const id of rest) await join(id);
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
  });

  const join = (id: string) =>
    database.rows(`insert into app.members values ($1, 'ada@example.com', 'Ada', now())`, [id]);
  const anEventOf = (id: string) => anEvent(aCustomer({ metadata: { mingus_user_id: id } }));
  const customersOf = async (id: string) =>
    (await service.admin(`customers?limit=100&userId=${encodeURIComponent(id)}`)).body.items;
  const spellingsOf = (id: string) => [id, ...(values[id] ?? [])];

  it('belong to leads until they have a customer, page by page', async () => {
    const listed: string[] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { status, body } = await service.admin(`lifecycle/leads?limit=1${after}`);
      expect(status).toBe(200);
      listed.push(...body.items.map(({ userId }: { userId: string }) => userId));
      cursor = body.nextCursor;
    } while (cursor !== null);

    const stored = await database.rows<{ id: string }>(
      'select id::text from app.members order by members.id',
    );
    expect(listed).toEqual(stored.map(({ id }) => id));
  });

  it('of leads have milestones under every spelling, and can be erased', async () => {
    for (const spelling of spellingsOf(rest[0] ?? '').filter((text) => text !== '')) {
      const answer = await request(`${service.url}/users/${encodeURIComponent(spelling)}/milestones`, {
        method: 'POST',
        headers: { authorization: `Bearer ${SERVICE_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ milestone: 'activated' }),
      });
      expect(answer.status).toBe(200);
    }
    const owners = () => database.rows<{ user_id: string }>('select user_id from user_milestones');
    const ownersBefore = await owners();
    expect(ownersBefore).toHaveLength(Math.min(rest.length, 1));

    const confirm = rest[0] ?? first;
    await service.admin(`users/${encodeURIComponent(confirm)}/erase`, { confirm });
    const ownersAfter = await owners();
    expect(ownersAfter).toHaveLength(ownersBefore.length);
    expect(ownersBefore).not.toContainEqual(ownersAfter[0]);
  });

  it.each(['x', '4.2.', ''])('are no cursor of leads if they are not of the type: %j', async (cursor) => {
    const { status, body } = await service.admin(`lifecycle/leads?cursor=${cursor}`);
    expect([200, 400]).toContain(status);
    if (status === 400) expect(body.code).toBe('cursor_invalid');
  });

  it('are awaited under every spelling, and found when the user is announced with another one', async () => {
    const events = (isAwaitedBySpelling ? [first] : spellingsOf(first)).map(anEventOf);
    for (const event of events) expect((await service.deliver(event)).body.error).toBe('User not found');
    await join(first);

    const announced = encodeURIComponent((!isAwaitedBySpelling && values[first]?.[0]?.trim()) || first);
    expect((await service.admin(`users/${announced}/arrived`, {})).status).toBe(202);

    await waitFor('all set up', async () => (await customersOf(first)).length === events.length);
  });

  it('are equal when PostgreSQL says so: one user, welcomed once, also in one batch', async () => {
    const answers = await Promise.all(spelled.map(([spelling]) => service.deliver(anEventOf(spelling))));

    expect(answers.map(({ body }) => body.error)).toEqual(spelled.map(() => undefined));
    const stored = await database.rows<{ id: string }>(
      `select distinct user_id as id from customers
       where not exists (select from app.members where id::text = user_id)`,
    );
    expect(stored).toEqual([]);
    const [welcomes] = await database.rows(
      `select count(*)::int, count(distinct user_id)::int as users from notifications
       where kind = 'welcome' and channel = 'email'`,
    );
    expect(welcomes).toEqual({ count: Object.keys(values).length, users: Object.keys(values).length });
  });

  it('lead to the user by every spelling, on all routes', async () => {
    const owner = await service.deliver(anEventOf(first));
    expect(owner.status).toBe(200);
    for (const [spelling, id] of spelled) {
      const inPath = encodeURIComponent(spelling);
      const { body: user } = await service.admin(`users/${inPath}`);
      expect(await customersOf(spelling)).toEqual(await customersOf(id));
      expect(
        (await customersOf(spelling)).every(({ userId }: { userId: string }) => userId === user.id),
      ).toBe(true);
      const portal = await service.backend(`users/${inPath}/portal-sessions`, 'POST');
      expect([portal.status, portal.body.code]).not.toEqual([404, 'customer_not_found']);
    }
  });

  it.each(others)('do not include %j', async (other) => {
    const { status, body } = await service.deliver(anEventOf(other));

    expect(status).toBe(200);
    expect(body.success).toBe(false);
    if (other !== '') expect((await service.admin(`users/${encodeURIComponent(other)}`)).status).toBe(404);
  });

  it('identify the user when an operator links a customer', async () => {
    const customer = aCustomer({ metadata: {} });
    const event = anEvent(customer);
    await service.deliver(event);
    const spelling = values[first]?.[0] ?? first;

    const linked = await service.admin(`webhook-events/${event.id}/link`, { userId: spelling });

    expect(linked.status).toBe(200);
    const [owner] = await database.rows<{ id: string }>('select id::text from app.members where id = $1', [
      first,
    ]);
    const { body: view } = await service.admin(`customers/${customer.id}`);
    expect(view.userId).toBe(owner?.id);
    const again = await service.admin(`customers/${customer.id}/link`, { userId: spelling });
    expect(again.body.changes).toEqual([]);
  });
});
