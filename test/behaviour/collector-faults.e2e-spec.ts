import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BehaviourRecorded } from '../../src/events/behaviour/behaviour-recorded.event.js';
import { OnFact } from '../../src/platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { CollectorClient, streamOf } from '../support/collector.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** Adds a statement that PostgreSQL refuses for data about a certain user. */
@Injectable()
class Poison {
  @OnFact(BehaviourRecorded)
  refuse({ people }: BehaviourRecorded, unit: UnitOfWork): void {
    for (const { userId } of people) unit.execute(REFUSE, { userId });
  }
}

const REFUSE = `
  select 1 / ("userId" <> 'poison')::int from json_to_recordset($1::json) as facts ("userId" text)`;

describe('the collector', () => {
  let service: TestApp;
  let client: CollectorClient;

  beforeAll(async () => {
    service = await TestApp.start({ extra: { providers: [Poison] } });
    client = await CollectorClient.of(service);
  });
  afterAll(() => service.stop());

  const aTrack = (userId: string, messageId: string) => ({ type: 'track', event: 'Did', userId, messageId });

  it('refuses the event that the database refuses, and stores all others of the same transaction', async () => {
    const good = Array.from({ length: 12 }, (_, n) =>
      client.batch(aTrack(`u${n}`, `a${n}`), aTrack('u', `b${n}`)),
    );
    const [bad, ...others] = await Promise.all([
      client.batch(aTrack('before', 'm1'), aTrack('poison', 'm2'), aTrack('after', 'm3')),
      ...good,
    ]);

    expect(bad.body).toEqual({
      success: true,
      refused: [{ index: 1, messageId: 'm2', code: 'not_storable', detail: expect.any(String) }],
    });
    for (const { status, body } of others) expect([status, body]).toEqual([200, { success: true }]);
    expect(await streamOf(service)).toHaveLength(26);
    expect(await service.database.count('people', `user_id = 'poison'`)).toBe(0);
  });

  it('answers 503 while the database is down; sent again, the event is stored once', async () => {
    const event = aTrack('patient', 'once');
    await service.database.shut();
    const down = await Promise.all([client.batch(event), client.send('track', event)]);
    await service.database.reopen();

    for (const { status, headers } of down) {
      expect(status).toBe(503);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    await waitFor('stored', async () => (await client.batch(event)).status === 200);
    await client.batch(event);
    expect(await streamOf(service, `user_id = 'patient'`)).toHaveLength(1);
  });
});
