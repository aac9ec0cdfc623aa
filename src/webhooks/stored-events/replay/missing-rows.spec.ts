import { describe, expect, it } from 'vitest';
import { UnitOfWork } from '../../../platform/unit-of-work/unit-of-work.js';
import { onlyMissing } from './missing-rows.js';

class Access {
  constructor(readonly id: string) {}
}
class Message {
  constructor(readonly id: string) {}
}
const TABLES = new Map<unknown, string>([
  [Access, 'portal_accesses'],
  [Message, 'notifications'],
]);

function aSetUp(): UnitOfWork {
  const unit = new UnitOfWork();
  unit.insert(Access, { id: 'access' });
  unit.insert(Message, { id: 'welcome' });
  unit.update(Access, { id: 'access' }, { id: 'other' });
  unit.enqueue('deliver-notification', { notificationId: 'welcome' });
  unit.enqueue('track-customer-created', {
    stripeEventId: 'evt_1',
    customerId: 'c',
    userId: 'u',
    occurredAt: '2026-01-01T00:00:00.000Z',
    properties: {},
    source: 'unknown',
  });
  return unit;
}

describe('what is missing of a customer', () => {
  it.each([
    ['is all of it, where no table holds anything', [], ['access', 'welcome'], 2],
    ['is no row of a table that holds some', ['portal_accesses'], ['welcome'], 2],
    ['is each message that the listener adds', ['notifications'], ['access', 'welcome'], 2],
    ['is no job whose result is recorded', ['analytics_events'], ['access', 'welcome'], 1],
  ])('%s', (_, holding, ids, jobs) => {
    const missing = onlyMissing(aSetUp(), new Set(holding), (entity) => TABLES.get(entity) ?? '');

    expect(missing.rows.map(({ row }) => (row as { id: string }).id)).toEqual(ids);
    expect(missing.jobs).toHaveLength(jobs);
  });

  it('is never a change to what is there', () => {
    expect(onlyMissing(aSetUp(), new Set(), () => 'any').updates).toEqual([]);
  });
});
