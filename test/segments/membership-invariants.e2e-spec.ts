import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SegmentDefinitions } from '../../src/segments/definitions/segment-definitions.service.js';
import { SegmentUpkeep } from '../../src/segments/upkeep/segment-upkeep.service.js';
import { anEventOf, anInvoice, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent } from '../support/builders.js';
import type { RunSql } from '../support/database/invariants.js';
import { CAMPAIGN_RULES, findWrongMemberships, storeSegments } from '../support/database/stored-segments.js';
import { TestApp } from '../support/test-app.js';

describe('the checks of a campaign', () => {
  let service: TestApp;
  let sql: RunSql;

  beforeAll(async () => {
    service = await TestApp.start();
    sql = (text, values) => service.database.rows(text, values);
    await storeSegments(sql, CAMPAIGN_RULES);
    await service.app.get(SegmentDefinitions).refresh();
    for (let index = 0; index < 4; index += 1) {
      const { metadata } = await service.createUser();
      const customer = aCustomer({ metadata, created: hour(0) });
      await service.deliver(anEvent(customer));
      await service.deliver(anEventOf('customer.subscription.created', aSubscription(customer.id), hour(1)));
      await service.deliver(anEventOf('invoice.paid', anInvoice(customer.id), hour(1)));
    }
    await service.app.get(SegmentUpkeep).run();
  });
  afterAll(() => service.stop());

  it('find nothing wrong with memberships that follow their rules', async () => {
    const buyers = await sql(
      `select count(*)::integer as members from segment_members
       join segments on serving_version_id = version_id where name = 'buyers'`,
    );
    expect(buyers).toEqual([{ members: 4 }]);
    expect(await findWrongMemberships(sql)).toEqual({});
  });

  it.each([
    ['wrong_memberships', `update customer_lifecycles set stage = 'onboarding'`],
    ['wrong_membership_histories', 'update customer_segments set first_member_of = member_of || 99'],
    ['wrong_member_lists', 'delete from segment_members'],
  ])('find %s', async (name, fault) => {
    await sql(`create table undo as table customer_lifecycles`);
    await sql(`create table undo_segments as table customer_segments`);
    await sql(fault);
    expect(Object.keys(await findWrongMemberships(sql))).toContain(name);
    await sql(
      'update customer_lifecycles l set stage = undo.stage from undo where undo.customer_id = l.customer_id',
    );
    await sql(
      'update customer_segments s set first_member_of = u.first_member_of from undo_segments u where u.customer_id = s.customer_id',
    );
    await sql('drop table undo, undo_segments');
  });
});
