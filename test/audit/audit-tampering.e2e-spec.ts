import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { SealedTrail } from '../support/database/sealed-trail.js';

describe('the seals of the audit', () => {
  let trail: SealedTrail;

  beforeAll(async () => {
    trail = await SealedTrail.start();
  });
  afterAll(() => trail.service.stop());
  beforeEach(() => trail.begin());

  /** A customer, and an audit entry without a customer that holds the customer's address; both are sealed. */
  const someoneSuppressed = async () => {
    const customer = aCustomer({ metadata: (await trail.service.createUser()).metadata });
    await trail.service.deliver(anEvent(customer));
    await trail.service.admin('suppressions', { address: customer.email });
    await trail.seal();
    return customer;
  };

  it('hold when personal values are erased with a person, but not when they are changed', async () => {
    const customer = await someoneSuppressed();
    const other = await someoneSuppressed();

    await trail.service.admin(`customers/${customer.id}/erase`, { confirm: customer.id });

    expect(await trail.verify()).toMatchObject({ erased: 1, found: [] });
    await trail.seal();
    expect(await trail.verify()).toMatchObject({ erased: 1, found: [] });
    const held = `select personal ->> 'address' as address from audit_entries
      where object_type = 'suppression' order by position`;
    expect(await trail.service.database.rows(held)).toEqual([{ address: null }, { address: other.email }]);
    await trail.tamper(`update audit_entries set personal = '{"address": "else@example.com"}'
       where personal_digest is not null`);
    expect(await trail.kindsFound()).toEqual(['changed', 'changed']);
  });

  it.each(['5', '["x"]', '{"a": 1}', 'null'])(
    'are verified with any list of emptied positions: %s',
    async (emptied) => {
      await trail.service.database.rows(
        `insert into audit_entries (id, action, actor_type, object_type, object_id, source, details, occurred_at)
       values (gen_random_uuid(), 'customer.erased', 'operator', 'customer', 'cus_x', 'test',
         jsonb_build_object('emptied', $1::jsonb), now())`,
        [emptied],
      );

      expect(await trail.verify()).toMatchObject({ found: [], unsealed: 1 });
    },
  );

  it('do not hold when personal values are erased without an erasure, even if a person is erased later', async () => {
    const victim = await someoneSuppressed();
    const other = await someoneSuppressed();

    await trail.service.database.rows(`select erase_audit_personal('{}', array[$1])`, [
      victim.email.toUpperCase(),
    ]);

    expect(await trail.kindsFound()).toEqual(['changed']);
    await trail.service.admin(`customers/${other.id}/erase`, { confirm: other.id });
    await trail.seal();
    expect(await trail.kindsFound()).toEqual(['changed']);
  });

  it.each([
    ['no position', 'null'],
    ['the position of another', '4'],
    ['a position before all', '-5'],
    ['a position beyond all', '1000000000000'],
  ])('show an entry that was inserted with %s', async (_, position) => {
    const columns = 'action, actor_type, object_type, object_id, source, details, occurred_at';
    const rebuilt = 'create index rebuilt on audit_entries (position)';
    await trail.tamper(
      'drop index uq_audit_entries_position',
      'alter table audit_entries alter column position drop not null',
      `insert into audit_entries (id, position, ${columns})
         select gen_random_uuid(), ${position}, ${columns} from audit_entries where position = 1`,
      rebuilt,
    );

    const kinds = await trail.kindsFound();

    await trail.tamper(
      `delete from audit_entries where id not in (select id from audit_entries where position > 0 order by id limit 6)`,
      'drop index rebuilt',
      'create unique index uq_audit_entries_position on audit_entries (position)',
      'alter table audit_entries alter column position set not null',
    );
    expect(kinds).toContain('inserted');
  });
});
