import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SegmentDefinitions } from '../../src/segments/definitions/segment-definitions.service.js';
import { Memberships } from '../../src/segments/memberships/memberships.service.js';
import { anEventOf, aSubscription, hour } from '../support/billing-builders.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { CollectorClient } from '../support/collector.js';
import { makeDue } from '../support/jobs.js';
import { plan, segmentClient } from './segment-client.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const at = (hours: number) => new Date(hour(hours) * 1000).toISOString();

describe('a segment whose rule changes', () => {
  let service: TestApp;
  const { onboard, define, served, membersOf, explain, deleteAll } = segmentClient(() => service);

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());
  afterEach(deleteAll);

  it('keeps its old members while an edited rule is filled, and knows who was a member at any time', async () => {
    const [one, other] = [await onboard({ plan: 'a' }), await onboard({ plan: 'b' })];
    await define('edited', plan('a'));
    const before = new Date().toISOString();
    await service.admin('segments/edited', { rule: plan('b') }, 'PATCH');
    await served('edited', 2);
    expect(await membersOf('edited')).toEqual([other]);
    expect(await membersOf('edited', `at=${before}`)).toEqual([one]);
    expect(await membersOf('edited', `knownAt=${before}`)).toEqual([one]);
    expect(await membersOf('edited', `at=${new Date().toISOString()}&knownAt=${before}`)).toEqual([one]);
    const { versions, members } = (await service.admin('segments/edited')).body;
    expect(members).toBe(1);
    expect(versions).toMatchObject([
      { version: 2, status: 'serving', servedUntil: null },
      { version: 1, status: 'retired' },
    ]);
  });

  it('has as of now the members that it has, also after reports of what happened before', async () => {
    const [payer, quiet] = [await onboard({ plan: 'payer' }), await service.createUser()];
    const subscription = aSubscription(payer);
    await service.deliver(anEventOf('customer.subscription.created', subscription, hour(1)));
    await define('filled_payers', { all: [plan('payer'), { type: 'stage', in: ['active'] }] });
    await define('idle', { all: [plan('idle'), { type: 'behaviour', event: 'woke', atMost: 0 }] });
    const idle = aCustomer({ created: hour(3), metadata: { ...quiet.metadata, plan: 'idle' } });
    await service.deliver(anEvent(idle));
    const now = () => `at=${new Date().toISOString()}`;
    expect([await membersOf('filled_payers', now()), await membersOf('idle', now())]).toEqual([
      [payer],
      [idle.id],
    ]);
    const known = new Date().toISOString();
    const ended = { ...subscription, status: 'canceled', ended_at: hour(2) };
    await service.deliver(anEventOf('customer.subscription.deleted', ended, hour(2)));
    const client = await CollectorClient.of(service);
    await client.send('track', { userId: quiet.id, event: 'woke', messageId: 'woke', timestamp: at(2) });
    for (const name of ['filled_payers', 'idle']) {
      expect([name, await membersOf(name), await membersOf(name, now())]).toEqual([name, [], []]);
      expect(await membersOf(name, `at=${known}`)).toEqual([]);
      expect(await membersOf(name, `${now()}&knownAt=${known}`)).toHaveLength(1);
    }
  });

  it('that mentions another one follows its edits', async () => {
    const [one, other] = [await onboard({ plan: 'x' }), await onboard({ plan: 'y' })];
    await define('inner', plan('x'));
    await define('outer', { all: [{ type: 'segment', segment: 'inner' }] });
    expect(await membersOf('outer')).toEqual([one]);
    await service.admin('segments/inner', { rule: plan('y') }, 'PATCH');
    await served('inner', 2);
    await waitFor('the outer one to follow', async () => (await membersOf('outer')).join() === other);
    const third = await onboard({ plan: 'y' });
    expect(await membersOf('outer')).toEqual([other, third]);
    expect(await service.admin('segments/inner', undefined, 'DELETE')).toMatchObject({
      status: 409,
      body: { code: 'segment_in_use', errors: ['segment: outer'] },
    });
    const cycle = await service.admin(
      'segments/inner',
      { rule: { all: [{ type: 'segment', segment: 'outer' }] } },
      'PATCH',
    );
    expect(cycle).toMatchObject({ status: 400, body: { code: 'rule_invalid' } });
    expect(cycle.body.errors[0]).toContain('cycle');
  });

  it('cannot have the customers held out from interventions as members by a not', async () => {
    const predicted = { type: 'prediction', target: 'churns', atLeast: 0.3 };
    const mention = (segment: string) => ({ type: 'segment', segment });
    await define('endangered', { any: [plan('none'), predicted] });
    await define('around', { all: [mention('endangered')] });
    await define('plain', plan('none'));
    await define('others', { not: mention('plain') });
    const refused = { status: 400, body: { code: 'rule_invalid' } };
    for (const rule of [
      { not: predicted },
      { all: [plan('x'), { not: { any: [plan('y'), predicted] } }] },
      { not: mention('endangered') },
      { not: { not: mention('around') } },
    ]) {
      const answer = await service.admin('segments', { name: 'safe', rule });
      expect(answer).toMatchObject(refused);
      expect(answer.body.errors[0]).toContain('rule: negated_prediction: ');
    }
    const edit = await service.admin('segments/plain', { rule: predicted }, 'PATCH');
    expect(edit).toMatchObject(refused);
    expect(edit.body.errors[0]).toContain('segment others: negated_prediction: ');
  });

  it('that mentions another one follows its edit when the swap was interrupted and events came since', async () => {
    const moved = await onboard({ plan: 'from' });
    const stayed = await onboard({ plan: 'to' });
    await define('source', plan('from'));
    await define('follower', { all: [{ type: 'segment', segment: 'source' }] });
    await define('followed', { not: { not: { type: 'segment', segment: 'follower' } } });
    await define('billed', { all: [plan('from'), { type: 'stage', in: ['active'] }] });
    expect(await membersOf('followed')).toEqual([moved]);
    const memberships = service.app.get(Memberships);
    const evaluate = memberships.evaluate.bind(memberships);
    const crash = vi.spyOn(memberships, 'evaluate').mockImplementation((customer, change, unit) => {
      if (change.name.startsWith('segment ')) throw new Error('The process was killed');
      evaluate(customer, change, unit);
    });
    await service.admin('segments/source', { rule: plan('to') }, 'PATCH');
    await served('source', 2);
    await waitFor('the run to end', () => crash.mock.results.some(({ type }) => type === 'throw'));
    await service.deliver(anEventOf('customer.subscription.created', aSubscription(moved), hour(1)));
    expect(await membersOf('billed')).toEqual([moved]);
    crash.mockRestore();
    await waitFor('the followers to follow', async () => {
      await makeDue(service.database, 'fill-segment');
      return (await membersOf('followed')).join() === stayed;
    });
    expect(await membersOf('follower')).toEqual([stayed]);
    expect(await service.database.count('segment_candidates')).toBe(0);
  });

  it('that is broken keeps its members and does not hold up others', async () => {
    const created = Math.floor(Date.now() / 1000) - 3600;
    const member = await onboard({ plan: 'sound' }, { created });
    await define('sound', { all: [plan('sound'), { type: 'in_stage_for', atLeast: { hours: 1 } }] });
    await define('broken', plan('sound'));
    await service.database.rows(
      `update segment_versions set rule = '{"type": "gone"}' where segment_id = (select id from segments where name = 'broken')`,
    );
    await service.database.rows('update segment_revisions set revision = revision + 1');
    await service.app.get(SegmentDefinitions).refresh();
    const late = await onboard({ plan: 'sound' }, { created: created + 2 });
    await waitFor('its hour to pass', async () => (await membersOf('sound')).length === 2);
    expect(await membersOf('sound')).toEqual([member, late]);
    expect(await membersOf('broken')).toEqual([member]);
    const brokenBecause = [{ path: 'type' }];
    expect((await service.admin('segments/broken')).body).toMatchObject({ brokenBecause });
    expect(await explain('broken', member)).toMatchObject({
      isMember: true,
      explanation: null,
      unexplained: 'rule_broken',
      brokenBecause,
    });
    expect(await service.database.count('customer_segments', 'next_evaluation_at <= now()')).toBe(0);
  });
});
