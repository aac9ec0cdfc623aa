import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScoreCustomersJob } from '../../src/predictions/scoring/score-customers.job.js';
import { Training } from '../../src/predictions/training/training.service.js';
import { SegmentDefinitions } from '../../src/segments/definitions/segment-definitions.service.js';
import { storeSegments } from '../support/database/stored-segments.js';
import { runCommand } from '../support/process/command-line.js';
import { TestApp, testEnvironment } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';
import { plantCustomers, plantNewcomers } from './planted-population.js';

const CUSTOMERS = 1500;
const DAY_MS = 86_400_000;
/** A score that customers without a project hardly reach, and keen ones mostly do. */
const HIGH = 0.3;

interface Scored {
  customerId: string;
  stripeCustomerId: string;
  score: number;
  isHeldOut: boolean;
}

const isKeen = ({ stripeCustomerId }: Scored) => Number(/\d+$/.exec(stripeCustomerId)?.[0]) % 2 === 0;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The tests follow the life of a prediction, in this order. */
describe('a prediction', () => {
  let service: TestApp;
  let now = new Date();

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true, now: () => now });
    await plantCustomers(service.database, CUSTOMERS);
    now = new Date();
  });
  afterAll(() => service.stop());

  const read = async (path: string) => (await service.admin(path)).body;
  const score = () => service.app.get(ScoreCustomersJob).run();
  const database = () => service.database;
  const membersOf = (segment: string) =>
    database().rows<{ id: string }>(
      `select customer_id as id from customer_segments, segments
       where segments.name = $1 and serving_version_id = any(member_of) order by 1`,
      [segment],
    );

  async function allScores(query = ''): Promise<Scored[]> {
    const items: Scored[] = [];
    let cursor = '';
    do {
      const page = await read(`predictions/activates/customers?limit=100${query}${cursor}`);
      items.push(...page.items);
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    return items;
  }

  it('is an answer before any training, and without enough data', async () => {
    expect(await read('predictions')).toMatchObject(
      ['activates', 'pays', 'churns'].map((target) => ({ target, status: 'not_trained', customers: 0 })),
    );
    expect(await read('predictions/churns')).toMatchObject({ card: null, versions: [], drift: null });
    const { status } = await service.admin('predictions/churns/models', {});
    expect(status).toBe(202);
    const prediction = await waitFor('the training', async () => {
      const body = await read('predictions/churns');
      return body.newest && body;
    });
    expect(prediction).toMatchObject({
      status: 'not_enough_data',
      servingVersion: null,
      newest: { version: 1, kind: 'base_rate', reason: expect.stringContaining('not enough data') },
      card: {
        rows: 0,
        missing: expect.arrayContaining([
          expect.objectContaining({ part: 'train', customers: 0, needed: 200 }),
        ]),
      },
    });
    const { predictions } = await read('customers/cus_planted1/predictions');
    expect(prediction.card.baseRate).toBe(0.5);
    expect(predictions[2]).toMatchObject({
      target: 'churns',
      status: 'not_enough_data',
      score: null,
      baseRate: 0.5,
    });
    expect(predictions[2].missing.length).toBeGreaterThan(0);
  });

  it('is learned from past customers, in a thread, and says how good it is', async () => {
    await service.app.get(Training).train('activates', null);
    const { status, servingVersion, card } = await read('predictions/activates');
    expect({ status, servingVersion }).toEqual({ status: 'serving', servingVersion: 1 });
    expect(card.auc.low).toBeGreaterThan(0.7);
    expect(card.brierSkill).toBeGreaterThan(0.1);
    expect(card).toMatchObject({ windowDays: 14, rowsMax: 200_000, reason: null });
    expect(Date.parse(card.validation.from) - Date.parse(card.train.to)).toBeGreaterThanOrEqual(14 * DAY_MS);
    const [stored] = await database().rows<{ text: string }>(
      `select model::text || vocabulary::text || card::text as text from prediction_models where target = 'activates'`,
    );
    expect(stored?.text).not.toMatch(/@|cus_|user-|evt_/);
  });

  it('scores the customers it concerns, and keeps a tenth out of interventions', async () => {
    await storeSegments((text, values) => database().rows(text, values), {
      promising: { type: 'prediction', target: 'activates', atLeast: HIGH },
      hopeless: { type: 'prediction', target: 'activates', atMost: 0.1 },
    });
    await service.app.get(SegmentDefinitions).refresh();
    await score();
    const scores = await allScores();
    const [{ count } = { count: 0 }] = await database().rows<{ count: number }>(
      `select count(*)::int from customers join customer_lifecycles on customer_id = id
       where milestones ->> 'activated' is null and stripe_created_at > $1::timestamptz - interval '28 days'`,
      [now],
    );
    expect(scores.length).toBe(count);
    expect(new Set(scores.map(({ customerId }) => customerId)).size).toBe(count);
    expect(scores.map((one) => one.score)).toEqual(scores.map((one) => one.score).toSorted((a, b) => b - a));
    const keen = mean(scores.filter(isKeen).map((one) => one.score));
    const others = mean(scores.filter((one) => !isKeen(one)).map((one) => one.score));
    expect(keen).toBeGreaterThan(2 * others);
    expect(await allScores(`&min=${HIGH}`)).toEqual(scores.filter((one) => one.score >= HIGH));
    const heldOut = scores.filter(({ isHeldOut }) => isHeldOut);
    expect(heldOut.length / count).toBeGreaterThan(0.03);
    expect(heldOut.length / count).toBeLessThan(0.2);
  });

  it('moves customers into segments, but not those who are kept out', async () => {
    const scores = await allScores();
    for (const [segment, isMember] of [
      ['promising', (one: Scored) => one.score >= HIGH],
      ['hopeless', (one: Scored) => one.score <= 0.1],
    ] as const) {
      const expected = scores.filter((one) => isMember(one) && !one.isHeldOut);
      expect(expected.length).toBeGreaterThan(10);
      expect((await membersOf(segment)).map(({ id }) => id)).toEqual(
        expected.map(({ customerId }) => customerId).toSorted(),
      );
    }
  });

  it('explains each score, with contributions that add up', async () => {
    const [best] = await allScores();
    const { predictions } = await read(`customers/${best?.stripeCustomerId}/predictions`);
    const { explanation, ...rest } = predictions[0];
    expect(rest).toMatchObject({
      target: 'activates',
      status: 'scored',
      score: best?.score,
      version: 1,
      baseRate: null,
    });
    const sum = explanation.contributions.reduce(
      (total: number, { contribution }: { contribution: number }) => total + contribution,
      explanation.base,
    );
    expect(Math.abs(sum - explanation.logit)).toBeLessThan(1e-9);
    expect(explanation.strongest).toHaveLength(3);
    expect(explanation.strongest[0].text).toMatch(/^.+: .+ → [+−]\d/);
    expect(predictions[1]).toMatchObject({ target: 'pays', status: 'not_trained', explanation: null });
  });

  it('changes with its customer only, and ends when it came true', async () => {
    const before = await database().rows('select * from customer_predictions order by customer_id');
    await score();
    expect(await database().rows('select * from customer_predictions order by customer_id')).toEqual(before);
    const reached = (await allScores()).find((one) => one.score >= HIGH && !one.isHeldOut) as Scored;
    const id = reached.customerId;
    now = new Date(now.getTime() + 1000);
    await database().rows(
      `update customer_lifecycles set milestones = milestones || jsonb_build_object('activated', $2::text)
       where customer_id = $1`,
      [id, now.toISOString()],
    );
    await database().rows(
      `insert into lifecycle_transitions (id, customer_id, from_stage, to_stage, trigger, occurred_at, recorded_at)
       values (gen_random_uuid(), $1, 'onboarding', 'trialing', 'subscription_changed', $2, $2)`,
      [id, now],
    );
    await score();
    expect((await allScores()).map(({ customerId }) => customerId)).not.toContain(id);
    expect((await membersOf('promising')).map((member) => member.id)).not.toContain(id);
    expect(await database().count('customer_predictions')).toBe(before.length - 1);
  });

  it('goes on where an interrupted scoring ended', async () => {
    const rows = () =>
      database().rows<{ customer_id: string }>('select * from customer_predictions order by 1');
    const before = await rows();
    await database().rows('update prediction_states set scored_model_id = null');
    await database().rows(
      'delete from customer_predictions where customer_id in (select customer_id from customer_predictions limit 20)',
    );
    const scoredBefore = await rows();
    const beganAt = now;
    await database().rows(
      'update prediction_states set whole_scoring_at = $1, whole_scoring_model_id = serving_model_id',
      [beganAt],
    );
    now = new Date(now.getTime() + 1000);
    await score();
    // What changed between its beginning and its resumption is looked at again.
    expect((await read('predictions/activates')).scoredAt).toBe(beganAt.toISOString());
    const after = await rows();
    const kept = new Set(scoredBefore.map((row) => row.customer_id));
    expect(after.filter((row) => kept.has(row.customer_id))).toEqual(scoredBefore);
    expect(after.map((row) => row.customer_id)).toEqual(before.map((row) => row.customer_id));
  });

  it('shows how its scores compare with what happened, once the windows have closed', async () => {
    const noted = await database().count('prediction_outcomes');
    expect((await read('predictions/activates')).realised).toMatchObject({
      serving: { settled: 0, open: noted, bins: [] },
      earlier: { settled: 0, open: 0 },
    });
    // The keen among those with a score activate; two days after a score is within its window.
    await database().rows(
      `update customer_lifecycles set milestones = milestones || jsonb_build_object('activated', $1::text)
       from customers where customers.id = customer_lifecycles.customer_id and milestones ->> 'activated' is null
       and right(stripe_customer_id, 1) in ('0', '2', '4', '6')`,
      [new Date(now.getTime() + 2 * DAY_MS).toISOString()],
    );
    now = new Date(now.getTime() + 15 * DAY_MS);
    await score();
    expect((await read('predictions/activates')).realised.serving.settled).toBe(0);
    now = new Date(now.getTime() + 2 * DAY_MS);
    await score();
    const { realised } = await read('predictions/activates');
    expect(realised.serving.settled).toBe(noted);
    expect(realised.heldOut.customers + realised.others.customers).toBe(noted);
    expect(realised.heldOut.customers).toBeGreaterThan(0);
    const [actual] = await database().rows<{ rate: number }>(
      `select avg((milestones ->> 'activated' is not null)::int)::float8 as rate
       from prediction_outcomes join customer_lifecycles using (customer_id) where outcome is not null`,
    );
    const overall = mean(
      realised.serving.bins.flatMap(({ customers, rate }: { customers: number; rate: number }) =>
        Array.from<number>({ length: customers }).fill(rate),
      ),
    );
    expect(overall).toBeCloseTo(actual?.rate ?? 0, 6);
    expect(realised.serving.brier).toBeLessThan(0.3);
    await database().rows('update prediction_outcomes set model_id = gen_random_uuid()');
    const { serving, earlier } = (await read('predictions/activates')).realised;
    expect([serving.settled, earlier]).toEqual([0, realised.serving]);
  });

  it('notices that customers differ from those it has learned from', async () => {
    expect((await read('predictions/activates')).drift.psiMax).toBeNull();
    await plantNewcomers(database(), now, 700);
    now = new Date(now.getTime() + 1000);
    await score();
    const { drift } = await read('predictions/activates');
    expect(drift.rows).toBeGreaterThan(500);
    expect(drift.psiMax).toBeGreaterThan(0.2);
    expect(drift.features[0].psi).toBe(drift.psiMax);
  });

  it('leaves nothing of an erased person but counts', async () => {
    const [row] = await database().rows<{ id: string; stripe: string }>(
      `select customers.id, stripe_customer_id as stripe from customers
       join customer_predictions p on p.customer_id = customers.id
       join prediction_outcomes o on o.customer_id = customers.id and o.outcome is null limit 1`,
    );
    await database().rows(
      'update prediction_outcomes set outcome = true where id in (select id from prediction_outcomes where outcome is null and customer_id <> $1 limit 1)',
      [row?.id],
    );
    const settled = await database().count('prediction_outcomes', 'outcome is not null');
    const { tables } = await read(`customers/${row?.stripe}/export`);
    const erased = await service.admin(`customers/${row?.stripe}/erase`, { confirm: row?.stripe });
    expect(tables.customer_predictions).toHaveLength(1);
    expect(tables.prediction_outcomes.length).toBeGreaterThan(0);
    expect(erased.status).toBe(200);
    for (const table of ['customer_predictions', 'prediction_outcomes'])
      expect(await database().count(table, `customer_id = '${row?.id}'`)).toBe(0);
    expect(await database().count('prediction_outcomes', 'outcome is not null')).toBe(settled);
    await service.app.get(Training).train('activates', null);
    await score();
    expect((await allScores()).map(({ customerId }) => customerId)).not.toContain(row?.id);
  });

  it('is trained by a command as well', async () => {
    const run = (target: string) =>
      runCommand(
        ['predictions', 'train', target, '--json'],
        testEnvironment(database().url, service.smtp.port),
      );
    const { exitCode, stdout } = await run('pays');
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      0,
      [{ target: 'pays', version: 1, status: 'not_enough_data' }],
    ]);
    expect((await run('everything')).exitCode).toBe(2);
  });
});
