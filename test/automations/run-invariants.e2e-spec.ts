import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AutomationLanes } from '../../src/automations/running/automation-lanes.service.js';
import { OutboxRelay } from '../../src/integrations/outbox/outbox-relay.service.js';
import { OutboxSwitch } from '../../src/integrations/outbox/outbox-switch.service.js';
import { aCustomer, anEvent } from '../support/builders.js';
import type { RunSql } from '../support/database/invariants.js';
import { findWrongRuns, hasNoRunLeft, storeAutomation } from '../support/database/stored-automations.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('the checks of a campaign', () => {
  let service: TestApp;
  let sql: RunSql;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
    sql = (text, values) => service.database.rows(text, values);
    await storeAutomation(sql);
    await service.app.get(OutboxSwitch).refresh();
    for (let index = 0; index < 5; index += 1) {
      const { metadata } = await service.createUser();
      await service.deliver(anEvent(aCustomer({ metadata })));
    }
    await waitFor('all runs to end', async () => {
      await service.app.get(OutboxRelay).run();
      await service.app.get(AutomationLanes).run();
      return hasNoRunLeft(sql);
    });
  });
  afterAll(() => service.stop());

  it('find nothing wrong with runs that were not disturbed', async () => {
    expect(await service.database.count('automation_runs')).toBe(5);
    expect(await findWrongRuns(sql)).toEqual({});
  });

  it.each([
    [
      'wrong_runs',
      'delete from automation_runs where id = (select min(id::text)::uuid from automation_runs)',
    ],
    ['wrong_runs', `update automation_runs set state = 'failed'`],
    [
      'wrong_runs',
      `insert into automation_runs select gen_random_uuid(), automation, version, customer_id, 'again', state, reason, step, due_at, waits_until, attempts, created_at, updated_at, ended_at from automation_runs`,
    ],
    ['wrong_effects', 'delete from automation_steps where step = 0'],
    ['wrong_effects', 'delete from deliveries'],
    ['wrong_effects', 'delete from customer_attributes'],
    [
      'effects_without_step',
      `insert into deliveries (id, connector, customer_id, kind, occurrence, content, status, is_backfill, attempts, next_attempt_at, is_unknown, created_at, updated_at)
       select gen_random_uuid(), connector, customer_id, kind, occurrence || '0', content, status, is_backfill, attempts, next_attempt_at, is_unknown, created_at, updated_at from deliveries`,
    ],
  ])('find %s after: %s', async (name, fault) => {
    await sql('begin');
    try {
      await sql(fault);
      expect(Object.keys(await findWrongRuns(sql))).toContain(name);
    } finally {
      await sql('rollback');
    }
  });
});
