import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttachBehaviourJob } from '../../src/behaviour/attaching/attach-behaviour.job.js';
import { EmptyBehaviourJob } from '../../src/behaviour/erasing/empty-behaviour.job.js';
import { BehaviourRecorded } from '../../src/events/behaviour/behaviour-recorded.event.js';
import { OnFact } from '../../src/platform/facts/on-fact.decorator.js';
import { CollectorClient } from '../support/collector.js';
import { queuedJobs } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';

/** More than two pages. */
const EVENTS = 2500;

@Injectable()
class Observer {
  readonly facts: BehaviourRecorded[] = [];

  @OnFact(BehaviourRecorded)
  observe(fact: BehaviourRecorded): void {
    this.facts.push(fact);
  }
}

describe('a person with a long history', () => {
  const observer = new Observer();
  let service: TestApp;
  let client: CollectorClient;

  beforeAll(async () => {
    service = await TestApp.start({ extra: { providers: [{ provide: Observer, useValue: observer }] } });
    client = await CollectorClient.of(service);
  });
  afterAll(() => service.stop());

  /** Stores events of three months. */
  async function aHistory(anonymousId: string): Promise<void> {
    await service.database.rows(
      `select make_behaviour_month((now() - make_interval(months => n))::date) from generate_series(0, 3) as n`,
    );
    await service.database.rows(
      `insert into behaviour_events (occurred_at, message_key, anonymous_id, type, name, properties, context)
       select now() - n * interval '50 minutes', gen_random_uuid(), $1::text, 'track', 'Step ' || n % 7,
         jsonb_build_object('note', $1::text), jsonb_build_object('locale', $1::text)
       from generate_series(1, ${EVENTS}) as n`,
      [anonymousId],
    );
  }
  const waiting = () => service.database.count('behaviour_events', 'person_id is null');
  const ofUser = (userId: string) =>
    service.database.count('behaviour_events join people using (person_id)', `user_id = '${userId}'`);

  it('is joined at once; what does not fit into the transaction is attached by a job, as facts', async () => {
    await aHistory('v1');

    const { status } = await client.send('identify', { userId: 'u1', anonymousId: 'v1' });
    await client.batch({ type: 'track', event: 'Next', anonymousId: 'v1' });

    expect(status).toBe(200);
    expect(await ofUser('u1')).toBe(1002);
    const [job] = await queuedJobs(service.database, 'attach-behaviour');
    observer.facts.length = 0;
    await service.app.get(AttachBehaviourJob).run(job?.payload as never);
    expect(await ofUser('u1')).toBe(EVENTS + 2);
    expect(await waiting()).toBe(0);
    expect(observer.facts.map(({ people }) => people.map(({ userId }) => userId))).toEqual([['u1'], ['u1']]);
    expect(new Set(observer.facts.flatMap(({ people }) => [...(people[0]?.lastAt.keys() ?? [])])).size).toBe(
      7,
    );
  });

  it('needs no job if it is short', async () => {
    await service.database.rows('delete from graphile_worker._private_jobs');
    await client.batch({ type: 'page', anonymousId: 'v2' });
    await client.send('identify', { userId: 'u2', anonymousId: 'v2' });

    expect(await ofUser('u2')).toBe(2);
    expect(await queuedJobs(service.database, 'attach-behaviour')).toEqual([]);
  });

  const erase = (userId: string) => service.admin(`users/${userId}/erase`, { confirm: userId });
  const named = async () =>
    (await service.database.dump())
      .split('\n')
      .filter((line) => /canary/i.test(line) && !/audit_entries/.test(line));

  it.each([
    ['attached', true],
    ['partly waiting', false],
  ])('is erased: the user at once, the %s events by a job, as the answer says', async (_, isAttached) => {
    const userId = `canary ${isAttached}`;
    await aHistory(`canary visitor ${isAttached}`);
    await client.send('identify', { userId, anonymousId: `canary visitor ${isAttached}`, traits: { a: 1 } });
    const attach = async () => {
      const [job] = await queuedJobs(service.database, 'attach-behaviour');
      await service.app.get(AttachBehaviourJob).run(job?.payload as never);
    };
    if (isAttached) await attach();
    const before = await service.database.count('behaviour_events');

    const answer = await erase(userId);

    expect(answer).toMatchObject({ status: 200, body: { userId, isComplete: false } });
    expect(await service.database.count('people', `user_id = '${userId}'`)).toBe(0);
    if (!isAttached) await attach();
    expect(await queuedJobs(service.database, 'empty-behaviour')).toHaveLength(1);
    await service.app.get(EmptyBehaviourJob).run();
    expect(await named()).toEqual([]);
    expect(await waiting()).toBe(0);
    expect(await service.database.count('behaviour_events')).toBe(before);
    await client.send('identify', { userId: 'canary 2' });
    expect((await erase('canary 2')).body).toMatchObject({ isComplete: true });
  });
});
