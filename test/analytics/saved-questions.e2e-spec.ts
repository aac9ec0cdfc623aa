import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RefreshRollupsJob } from '../../src/analytics/questions/saved/refresh-rollups.job.js';
import { ALERTS } from '../../src/monitoring/alerts/declarations/alert-declarations.js';
import { ServiceStateReader } from '../../src/monitoring/state/service-state-reader.service.js';
import { storeBehaviour } from '../support/behaviour.js';
import { request, TestApp } from '../support/test-app.js';

const NOW = new Date('2026-05-06T12:00:00Z');

describe('saved questions', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ now: () => NOW });
    await storeBehaviour(service.database, [
      { userId: 'ana', name: 'opened', at: new Date('2026-05-05T12:00:00Z') },
    ]);
  });
  afterAll(() => service.stop());

  const trends = (name: string) => ({ kind: 'trends', events: [{ name }] });
  const save = (name: string, definition: object) =>
    service.admin('analytics/questions', { name, definition });

  it('get a new version with each saving, and every version can be answered', async () => {
    expect(await save('use', trends('nothing'))).toMatchObject({ status: 201, body: { name: 'use' } });
    const { body } = await save('use', { ...trends('opened'), zone: 'Asia/Tokyo' });
    expect(body.versions.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
    expect(body.versions[0]).toMatchObject({
      definition: {
        kind: 'trends',
        unit: 'day',
        zone: 'Asia/Tokyo',
        period: { lastDays: 30 },
        events: [{ name: 'opened', where: [] }],
      },
      createdBy: expect.any(String),
    });
    expect((await service.admin('analytics/questions/use')).body).toEqual(body);

    const newest = (await service.admin('analytics/questions/use/answer')).body;
    expect(newest).toMatchObject({ name: 'use', version: 2, zone: 'Asia/Tokyo', limits: [] });
    expect(newest.definition).toEqual(body.versions[0].definition);
    expect(newest.result.series).toMatchObject([{ events: 1, persons: 1 }]);
    const first = (await service.admin('analytics/questions/use/answer?version=1')).body;
    expect(first).toMatchObject({ version: 1, result: { series: [{ events: 0 }] } });
  });

  it('have pages of versions', async () => {
    for (let version = 1; version <= 22; version += 1) await save('long', trends('opened'));
    const versionsOf = async (query: string) => {
      const { body } = await service.admin(`analytics/questions/long?${query}`);
      return [body.versions.map(({ version }: { version: number }) => version), body.nextCursor];
    };
    const [newest, cursor] = await versionsOf('');
    expect(newest).toEqual(Array.from({ length: 20 }, (_, index) => 22 - index));
    expect(await versionsOf(`limit=5&cursor=${cursor}`)).toEqual([[2, 1], null]);
    expect((await service.admin('analytics/questions/long?cursor=1')).status).toBe(400);
  });

  it('are refused when they cannot be answered', async () => {
    const revenue = (from: string, to?: string) => ({ kind: 'revenue_retention', from, to });
    const steps = [{ name: 'opened' }, { name: 'opened' }];
    const bySegment = { kind: 'funnel', steps, within: { days: 1 }, breakdown: { step: 1, segment: 'none' } };
    for (const [definition, status, code] of [
      [revenue('2020-01', '2026-01'), 400, 'period_invalid'],
      [revenue('2020-01'), 400, 'period_invalid'],
      [bySegment, 404, 'segment_not_found'],
    ] as const)
      expect(await save('never', definition)).toMatchObject({ status, body: { code } });
    expect((await service.admin('analytics/questions/never')).status).toBe(404);
  });

  it('keep two savings at the same time apart', async () => {
    await Promise.all([1, 2, 3].map(() => save('race', trends('opened'))));
    const { versions } = (await service.admin('analytics/questions/race')).body;
    expect(versions.map(({ version }: { version: number }) => version)).toEqual([3, 2, 1]);
  });

  it('are listed page by page, the newest first', async () => {
    await save('older', trends('opened'));
    await save('newer', trends('opened'));
    const first = (await service.admin('analytics/questions?limit=1')).body;
    expect(first.items).toMatchObject([{ name: 'newer', kind: 'trends', version: 1 }]);
    const second = (await service.admin(`analytics/questions?limit=1&cursor=${first.nextCursor}`)).body;
    expect(second.items).toMatchObject([{ name: 'older' }]);
  });

  it('raise the alert about old answers when their answer was never made', async () => {
    const behind = async () => (await service.app.get(ServiceStateReader).read()).rollupsBehindSeconds;
    const refresh = () => service.app.get(RefreshRollupsJob).run();
    expect(await behind()).toBe(0);
    const event = { name: 'opened' };
    await save('broken', { kind: 'retention', first: event, returning: event });
    const broken = `set definition = definition - 'first' where definition ->> 'kind' = 'retention'`;
    await service.database.rows(`update analytics_question_versions ${broken}`);
    await refresh();
    // The clock of the service is months behind the one of PostgreSQL.
    expect(await behind()).toBeGreaterThan(ALERTS.rollups_behind.threshold.fire);

    await save('broken', { kind: 'retention', first: event, returning: event });
    await refresh();
    expect(await service.database.rows('select findings is not null as kept from analytics_rollups')).toEqual(
      [{ kept: true }],
    );
    await service.admin('analytics/questions/broken', undefined, 'DELETE');
    expect(await behind()).toBe(0);
  });

  it('are audited when they are saved and deleted', async () => {
    await save('gone', trends('opened'));
    expect(await service.admin('analytics/questions/gone', undefined, 'DELETE')).toMatchObject({
      status: 204,
    });
    for (const path of ['gone', 'gone/answer', 'use/answer?version=9'])
      expect(await service.admin(`analytics/questions/${path}`)).toMatchObject({
        status: 404,
        body: { code: 'question_not_found' },
      });
    const again = await service.admin('analytics/questions/gone', undefined, 'DELETE');
    expect(again.status).toBe(404);
    const entries = await service.database.rows(
      `select action, details from audit_entries where object_type = 'analytics_question' and object_id = 'gone' order by id`,
    );
    expect(entries).toEqual([
      { action: 'question.saved', details: { version: '1', kind: 'trends' } },
      { action: 'question.deleted', details: {} },
    ]);
  });

  it('are asked by viewers and saved by operators', async () => {
    const { body } = await service.admin('api-keys', { name: 'reader', role: 'viewer' });
    const post = (path: string, content: object) =>
      request(`${service.url}/admin/analytics/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${body.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(content),
      });
    expect((await post('answers', { definition: trends('opened') })).status).toBe(200);
    expect((await post('questions', { name: 'mine', definition: trends('opened') })).status).toBe(403);
  });
});
