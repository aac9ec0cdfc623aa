import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BehaviourMonths } from '../../src/behaviour/months/behaviour-months.service.js';
import { KeepBehaviourMonthsJob } from '../../src/behaviour/months/keep-behaviour-months.job.js';
import { CollectorClient, streamOf } from '../support/collector.js';
import { TestDatabase } from '../support/database/test-database.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';

const DAY_MS = 86_400_000;

/** The role of production may make no tables. */
describe('the months of the stream, with the rights of production', () => {
  const role = `collector_${process.pid}`;
  let database: TestDatabase;
  let smtp: SmtpSink;
  let service: TestApp;
  let other: TestApp;
  let client: CollectorClient;
  let now = new Date('2031-12-15T12:00:00Z');

  beforeAll(async () => {
    database = await TestDatabase.create();
    smtp = await SmtpSink.start();
    await database.rows(`create role ${role} login password 'x' in role mingus_onboarding_app`);
    const url = new URL(database.url);
    url.username = role;
    url.password = 'x';
    const options = { database, smtp, now: () => now };
    const env = { DATABASE_URL: url.href, BEHAVIOUR_RETENTION_DAYS: '100' };
    service = await TestApp.start({ ...options, env });
    other = await TestApp.start({ ...options, env });
    client = await CollectorClient.of(service);
  });
  afterAll(async () => {
    await Promise.all([service.stop(), other.stop()]);
    await smtp.stop();
    await database.rows(`drop owned by ${role}`);
    await database.rows(`drop role ${role}`);
    await database.drop();
  });

  const monthsFrom = async (first: string) =>
    (
      await database.rows<{ month: string }>(
        `select right(inhrelid::regclass::text, 6) as month from pg_inherits
         where inhparent = 'behaviour_events'::regclass order by 1`,
      )
    )
      .map(({ month }) => month)
      .filter((month) => month >= first);

  const happenedAt = (name: string, at: string) => ({
    type: 'track',
    event: name,
    userId: 'u',
    timestamp: at,
  });

  it('are made ahead when a process starts', async () => {
    expect(await monthsFrom('203112')).toEqual(['203112', '203201', '203202']);
  });

  it('are made when the first event of an older month arrives, also at several processes', async () => {
    const twin = await CollectorClient.of(other);
    const batch = ['2031-09-30T23:59:59.999Z', '2031-10-01T00:00:00Z', '2031-11-07T00:00:00Z'].map((at) =>
      happenedAt('Late', at),
    );
    const answers = await Promise.all([client, twin, client, twin].map((one) => one.batch(...batch)));

    for (const { body } of answers) expect(body).toEqual({ success: true });
    expect(await streamOf(service, `name = 'Late'`)).toHaveLength(12);
    expect(await monthsFrom('203101')).toEqual(['203109', '203110', '203111', '203112', '203201', '203202']);
  });

  it('take no event beyond the retention or in the future', async () => {
    const { body } = await client.batch(
      happenedAt('Ancient', '2031-09-05T00:00:00Z'),
      happenedAt('Future', '2031-12-15T12:06:00Z'),
    );

    expect(body.refused.map(({ code }: { code: string }) => code)).toEqual([
      'time_before_retention',
      'time_in_the_future',
    ]);
  });

  it('are dropped whole after the retention with people who have no other events, and the coming ones are made, once by any number of jobs', async () => {
    const left = happenedAt('Left', '2031-09-29T00:00:00Z');
    await client.batch(
      { ...left, userId: 'gone', anonymousId: 'at gone' },
      { ...left, userId: 'loyal', anonymousId: 'at loyal' },
      { ...happenedAt('Stayed', '2031-11-29T00:00:00Z'), userId: 'loyal' },
    );
    now = new Date(Date.UTC(2032, 0, 9) + 1 * DAY_MS);

    await Promise.all([service, other].map(({ app }) => app.get(KeepBehaviourMonthsJob).run()));

    expect(await monthsFrom('203101')).toEqual(['203110', '203111', '203112', '203201', '203202', '203203']);
    expect(await streamOf(service, `name = 'Late'`)).toHaveLength(8);
    const { items } = (await service.admin('audit-entries?action=rows.purged')).body;
    expect(items).toMatchObject([
      { objectId: 'behaviour_events', details: { count: 6, days: 100 } },
      { objectId: 'people', details: { count: 1, days: 100 } },
    ]);
    expect(await database.rows('select user_id from people order by 1')).toEqual([
      { user_id: 'loyal' },
      { user_id: 'u' },
    ]);
    expect(await database.rows('select anonymous_id from anonymous_ids')).toEqual([
      { anonymous_id: 'at loyal' },
    ]);
    expect(await service.app.get(BehaviourMonths).dropExpired()).toBe(0);
  });
});
