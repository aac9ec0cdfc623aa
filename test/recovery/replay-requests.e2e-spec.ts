import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { rowsAddedBy } from '../support/database/stored-rows.js';
import { type Answer, TestApp } from '../support/test-app.js';

describe('a request to replay', () => {
  let service: TestApp;
  const event = anEvent(aCustomer());

  beforeAll(async () => {
    service = await TestApp.start();
    await service.deliver(event);
  });
  afterAll(() => service.stop());

  function expectRefused({ status, body }: Answer) {
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  }

  it.each<[string, unknown]>([
    ['a dryRun that is a text', { dryRun: 'true' }],
    ['a dryRun that is a number', { dryRun: 1 }],
    ['a dryRun that is null', { dryRun: null }],
    ['a dryRun that is a list', { dryRun: [true] }],
    ['an unknown field', { dry: true }],
    ['a list', [{ dryRun: true }]],
    ['a text', 'dryRun'],
    ['a number', 1],
    ['true', true],
  ])('one event with %s is refused, and nothing is replayed', async (_, body) => {
    const { result, added } = await rowsAddedBy(service.database, () =>
      service.admin(`webhook-events/${event.id}/replay`, body),
    );

    expectRefused(result);
    expect(added).toEqual({});
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['no filter', { dryRun: true }],
    ['an empty filter', { filter: {} }],
    ['a filter of null', { filter: null }],
    ['a filter that is a text', { filter: 'outcome' }],
    ['a filter that is a list', { filter: [{ outcome: 'rejected' }] }],
    ['an empty list as filter', { filter: [] }],
    ['a filter without a value', { filter: { outcome: null } }],
    ['a filter with an unknown condition', { filter: { outcome: 'rejected', body: 'x' } }],
    ['an unknown outcome', { filter: { outcome: 'lost' } }],
    ['two outcomes', { filter: { outcome: ['rejected', 'unmatched'] } }],
    ['an outcome that is an object', { filter: { outcome: { $ne: 'created' } } }],
    ['an empty type', { filter: { type: '' } }],
    ['a type that is a number', { filter: { type: 7 } }],
    ['a type of 256 characters', { filter: { type: 'x'.repeat(256) } }],
    ['a type with a NUL', { filter: { type: 'a\u0000b' } }],
    ['an error code with spaces', { filter: { errorCode: 'no user' } }],
    ['an error code of 65 characters', { filter: { errorCode: 'x'.repeat(65) } }],
    ['a time that is none', { filter: { receivedFrom: 'yesterday' } }],
    ['a time that is an object', { filter: { receivedBefore: {} } }],
    ['a time before the calendar', { filter: { receivedFrom: '-200000-01-01T00:00:00Z' } }],
    ['a dryRun that is a text', { filter: { outcome: 'rejected' }, dryRun: 'no' }],
    ['a dryRun that is null', { filter: { outcome: 'rejected' }, dryRun: null }],
    ['an unknown field', { filter: { outcome: 'rejected' }, notify: 'all' }],
    ['a list', []],
    ['null', null],
    ['a text', 'all'],
  ])('many events with %s is refused, and nothing is started', async (_, body) => {
    const { result, added } = await rowsAddedBy(service.database, () =>
      service.admin('webhook-event-replays', body),
    );

    expectRefused(result);
    expect(added).toEqual({});
    expect(await service.database.count('webhook_event_replays')).toBe(0);
  });

  it.each(['webhook-event-replays/7', 'webhook-event-replays/7/cancel', 'webhook-event-replays?status=done'])(
    'at %s is refused',
    async (path) => {
      expect((await service.admin(path, path.endsWith('cancel') ? {} : undefined)).status).toBe(400);
    },
  );

  it('without dryRun is not a dry run', async () => {
    const answer = await service.admin(`webhook-events/${event.id}/replay`, {});

    expect(answer.body).toMatchObject({ stripeEventId: event.id, dryRun: false });
  });
});
