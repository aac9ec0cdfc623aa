import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExperimentDefinitions } from '../../src/experiments/definitions/experiment-definitions.service.js';
import { SegmentDefinitions } from '../../src/segments/definitions/segment-definitions.service.js';
import { aCustomer, anEvent } from '../support/builders.js';
import type { RunSql } from '../support/database/invariants.js';
import {
  CAMPAIGN_EXPERIMENTS,
  findWrongArms,
  storeExperiments,
} from '../support/database/stored-experiments.js';
import { CAMPAIGN_RULES, storeSegments } from '../support/database/stored-segments.js';
import { TestApp } from '../support/test-app.js';

describe('the checks of a campaign', () => {
  let service: TestApp;
  let sql: RunSql;

  beforeAll(async () => {
    service = await TestApp.start();
    sql = (text, values) => service.database.rows(text, values);
    await storeSegments(sql, CAMPAIGN_RULES);
    await storeExperiments(sql, CAMPAIGN_EXPERIMENTS);
    await service.app.get(SegmentDefinitions).refresh();
    await service.app.get(ExperimentDefinitions).refresh();
    for (let index = 0; index < 20; index += 1) {
      const { metadata } = await service.createUser({ id: `user-${index}` });
      await service.deliver(anEvent(aCustomer({ metadata })));
    }
  });
  afterAll(() => service.stop());

  it('find nothing wrong with arms and messages that follow the definitions', async () => {
    const [counts] = await sql(
      'select count(*)::int as units, sum(cardinality(arms))::int as arms from experiment_units',
    );
    expect(counts?.units).toBeGreaterThan(10);
    expect(counts?.arms).toBeGreaterThan(Number(counts?.units));
    expect(await findWrongArms(sql)).toEqual({});
  });

  it.each([
    [
      'wrong_arms',
      'delete from experiment_units where user_id = (select min(user_id) from experiment_units)',
    ],
    ['wrong_arms', 'update experiment_units set arms = array_fill(1 - arms[1], array[cardinality(arms)])'],
    ['wrong_arms', 'update experiment_units set phase_ids = phase_ids || phase_ids, arms = arms || arms'],
    ['wrong_treatments', `update notifications set template_version = null`],
    ['wrong_treatments', `update notifications set template_version = 1`],
  ])('find %s after: %s', async (name, fault) => {
    await sql('create table undo_units as table experiment_units');
    await sql('create table undo_messages as select id, template_version from notifications');
    await sql(fault);
    expect(Object.keys(await findWrongArms(sql))).toContain(name);
    await sql('truncate experiment_units');
    await sql('insert into experiment_units select * from undo_units');
    await sql(
      'update notifications n set template_version = u.template_version from undo_messages u where u.id = n.id',
    );
    await sql('drop table undo_units, undo_messages');
    expect(await findWrongArms(sql)).toEqual({});
  });
});
