import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BehaviourRecorded } from '../../src/events/behaviour/behaviour-recorded.event.js';
import { OnFact } from '../../src/platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { CollectorClient, streamOf } from '../support/collector.js';
import { readMetric } from '../support/metrics.js';
import { TestApp } from '../support/test-app.js';

/** Keeps the facts, and counts the rows that a statement of a listener sees. */
@Injectable()
class Observer {
  readonly facts: BehaviourRecorded[] = [];

  @OnFact(BehaviourRecorded)
  observe(fact: BehaviourRecorded, unit: UnitOfWork): void {
    this.facts.push(fact);
    unit.execute(COUNT, { userIds: fact.people.map(({ userId }) => userId) });
  }

  take(): BehaviourRecorded['people'] {
    return this.facts.splice(0).flatMap(({ people }) => people);
  }
}

const COUNT = `
  insert into seen select count(*) from json_to_recordset($1::json) as facts ("userIds" json)
  join people on user_id in (select json_array_elements_text("userIds")) join behaviour_events using (person_id)`;

describe('events of a visitor', () => {
  const observer = new Observer();
  let service: TestApp;
  let client: CollectorClient;

  beforeAll(async () => {
    service = await TestApp.start({ extra: { providers: [{ provide: Observer, useValue: observer }] } });
    await service.database.rows('create table seen (rows int)');
    client = await CollectorClient.of(service);
  });
  afterAll(() => service.stop());

  const visit = (anonymousId: string, event = 'Visited', fields: object = {}) => ({
    type: 'track',
    event,
    anonymousId,
    properties: { visitor: anonymousId },
    ...fields,
  });
  const identify = (userId: string, anonymousId: string) =>
    client.send('identify', { userId, anonymousId, traits: { visitor: anonymousId } });
  const usersOf = async (anonymousId: string) =>
    (await streamOf(service, `properties ->> 'visitor' = $1`, [anonymousId])).map(({ name, userId }) => [
      name,
      userId,
    ]);

  it('wait for an identity, count for no person, and are attached by identify', async () => {
    const days = (count: number) => new Date(Date.now() - count * 86_400_000);
    await client.batch(visit('v1', 'Early', { timestamp: days(70) }), visit('v1'));
    expect(observer.take()).toEqual([]);
    expect(await readMetric(service.url, 'behaviour_events_waiting')).toBe(2);

    await identify('u1', 'v1');

    expect(await usersOf('v1')).toEqual([
      ['Early', 'u1'],
      ['Visited', 'u1'],
      ['$identify', 'u1'],
    ]);
    expect(observer.take()).toEqual([
      {
        userId: 'u1',
        lastAt: new Map(
          (await streamOf(service, `person_id is not null`)).map(({ name, occurredAt }) => [
            name,
            occurredAt.toISOString(),
          ]),
        ),
      },
    ]);
    expect(await service.database.rows('select rows from seen')).toEqual([{ rows: 3 }]);
    expect(await readMetric(service.url, 'behaviour_events_waiting')).toBe(0);

    await client.batch(visit('v1', 'Later'));
    expect(observer.take()).toMatchObject([
      { userId: 'u1', lastAt: new Map([['Later', expect.any(String)]]) },
    ]);
  });

  it('are attached by an alias with each of its ids, and by any event with both ids', async () => {
    await client.batch(visit('v2'), visit('v2 too'), visit('v3'));
    await client.send('alias', { userId: 'u2', previousId: 'v2', anonymousId: 'v2 too' });
    await client.batch(visit('v3', 'Bought', { userId: 'u3' }));

    expect(await usersOf('v2')).toEqual([['Visited', 'u2']]);
    expect(await usersOf('v2 too')).toEqual([['Visited', 'u2']]);
    expect(await usersOf('v3')).toEqual([
      ['Visited', 'u3'],
      ['Bought', 'u3'],
    ]);
  });

  it('stay with the first user of a shared browser; new events with a user go to that user', async () => {
    await client.batch(visit('v4'));
    await identify('u4', 'v4');
    await identify('u5', 'v4');
    await client.batch(visit('v4', 'Named', { userId: 'u5' }), visit('v4', 'Unnamed'));

    expect(await usersOf('v4')).toEqual([
      ['Visited', 'u4'],
      ['$identify', 'u4'],
      ['$identify', 'u5'],
      ['Named', 'u5'],
      ['Unnamed', 'u4'],
    ]);
  });

  it('of one batch are attached by a later event of the same batch', async () => {
    await client.batch(visit('v6', 'First'), visit('v6', 'Second', { userId: 'u6' }), visit('v6', 'Third'));

    expect(await usersOf('v6')).toEqual([
      ['First', 'u6'],
      ['Second', 'u6'],
      ['Third', 'u6'],
    ]);
  });

  it('are attached once each when batches race', async () => {
    const batches = Array.from({ length: 20 }, (_, n) =>
      n % 4 === 0 ? identify('u7', 'v7') : client.batch(visit('v7', `Step ${n}`)),
    );
    await Promise.all(batches);

    const users = (await usersOf('v7')).map(([, userId]) => userId);
    expect(users).toEqual(Array(20).fill('u7'));
  });
});
