import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PurgeExperimentUnitsJob } from '../../src/experiments/assignment/purge-experiment-units.job.js';
import { CountExperimentsJob } from '../../src/experiments/results/count-experiments.job.js';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { storeSegments } from '../support/database/stored-segments.js';
import { SegmentDefinitions } from '../../src/segments/definitions/segment-definitions.service.js';
import { TestApp } from '../support/test-app.js';
import { anExperiment, aUserOf, reportMilestone, startExperiment } from './an-experiment.js';

const DAY_MS = 86_400_000;

describe('the arms of a person', () => {
  let service: TestApp;
  let now = Date.now();

  beforeAll(async () => {
    service = await TestApp.start({
      env: { EXPERIMENT_UNIT_DAYS: '30' },
      now: () => new Date(now),
    });
    await storeSegments((text, values) => service.database.rows(text, values), {
      in_b: { type: 'arm', experiment: 'kept', in: ['b'] },
    });
    await service.app.get(SegmentDefinitions).refresh();
    await startExperiment(service, anExperiment('kept'));
  });
  afterAll(() => service.stop());

  async function onboard(userId: string): Promise<string> {
    await service.createUser(aUser({ id: userId })).catch(() => undefined);
    const customer = aCustomer({ metadata: { mingus_user_id: userId } });
    await service.deliver(anEvent(customer));
    return customer.id;
  }

  const counts = () =>
    service.database.rows(
      `select arms[1] as arm, count(*)::int as units, count(customer_id)::int as customers from experiment_units group by 1 order by 1`,
    );

  it('are in the export and the timeline', async () => {
    const userId = aUserOf('kept', 'b');
    await service.createUser(aUser({ id: userId }));
    await service.backend(`users/${userId}/experiments`, 'POST');
    const [early, created] = [await onboard(userId), await onboard(aUserOf('kept', 'a'))];
    const { body } = await service.admin(`customers/${early}/export`);
    expect(body.tables.experiment_units).toMatchObject([{ user_id: userId, arms: [1] }]);
    const entries = async (customer: string, what: string) =>
      (await service.admin(`customers/${customer}/timeline?limit=100`)).body.items
        .filter((item: Fields) => item.type === 'act' && item.what === what)
        .map(({ details }: { details: Fields }) => details.details);
    expect(await entries(early, 'arms.assigned')).toEqual([{ arms: { kept: 'b' } }]);
    expect(await entries(created, 'customer.created')).toMatchObject([{ arms: { kept: 'a' } }]);
  });

  it('count after an erasure, which leaves nothing that names the person', async () => {
    const userId = aUserOf('kept', 'b');
    await service.createUser(aUser({ id: userId }));
    await service.database.rows('insert into people (user_id) values ($1)', [userId]);
    const [first, second] = [await onboard(userId), await onboard(userId)];
    const before = await counts();

    await service.admin(`customers/${first}/erase`, { confirm: first });
    expect((await service.backend(`users/${userId}/experiments`)).body.experiments).toHaveLength(1);
    await service.admin(`customers/${second}/erase`, { confirm: second });

    expect(await counts()).toEqual(before);
    const [unit] = await service.database.rows<{ user_id: string; person_id: string | null }>(
      `select u.user_id, u.person_id from experiment_units u join customers c on c.id = u.customer_id
       where stripe_customer_id = $1`,
      [first],
    );
    expect(unit?.user_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(unit?.person_id).not.toBeNull();
    expect(JSON.stringify(await service.database.rows('select * from experiment_units'))).not.toContain(
      userId,
    );
  });

  it('of a user who is no customer are erased with the user', async () => {
    const userId = aUserOf('kept', 'b');
    await service.createUser(aUser({ id: userId }));
    await service.backend(`users/${userId}/experiments`, 'POST');
    await reportMilestone(service, userId, 'activated');
    const before = await counts();
    const { status } = await service.admin(`users/${userId}/erase`, { confirm: userId });
    expect(status).toBe(200);
    expect(await counts()).toEqual(before);
    const [kept] = await service.database.rows(
      `select json_agg(m) as milestones, json_agg(u) as units
       from user_milestones m join experiment_units u using (user_id) where milestone = 'activated'`,
    );
    expect(kept?.milestones).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain(userId);
  });

  it('are removed some days after the decision about the last experiment, and segments follow', async () => {
    const both = aUserOf('kept', 'b');
    const [one, two] = [await onboard(aUserOf('kept', 'b')), await onboard(both)];
    await startExperiment(service, anExperiment('longer'));
    await service.backend(`users/${both}/experiments`, 'POST');
    await service.admin('experiments/kept/stop', {});
    await service.admin('experiments/kept/decide', { reason: 'No difference' });
    const purge = service.app.get(PurgeExperimentUnitsJob);
    const members = async () => {
      const views = await Promise.all([one, two].map((id) => service.admin(`customers/${id}`)));
      return views.map(({ body }) => body.segments);
    };

    now += 29 * DAY_MS;
    await purge.run();
    expect(await members()).toEqual([['in_b'], ['in_b']]);
    now += 2 * DAY_MS;
    await purge.run();
    expect(await members()).toEqual([['in_b'], ['in_b']]);

    // They wait for a count after the last window has closed, which then stays.
    await service.app.get(CountExperimentsJob).run();
    const ofDay = async (query: string) => {
      const { body } = await service.admin(`experiments/kept/results${query}`);
      return [body.phases[0].arms, body.goals[0].arms];
    };
    const counted = await ofDay('');
    await purge.run();
    expect(await members()).toEqual([[], ['in_b']]);
    now += 2 * DAY_MS;
    const later = `?day=${new Date(now - DAY_MS).toISOString().slice(0, 10)}`;
    expect([await ofDay('?counted=now'), await ofDay(later)]).toEqual([counted, counted]);
    expect(counted[0][1].units).toBeGreaterThan(1);
    const [{ units }] = (await service.database.rows(
      'select count(*)::int as units from experiment_units',
    )) as [{ units: number }];
    expect(units).toBe(1);
  });
});
