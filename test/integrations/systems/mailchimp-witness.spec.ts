import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeMailchimp, type FakeMember } from '../../support/connectors/fake-mailchimp.js';

/** What the witness uses of the official client, which has no types. */
interface OfficialClient {
  basePath: string;
  setConfig(config: { apiKey: string }): void;
  ping: { get(): Promise<unknown> };
  customerJourneys: { trigger(journey: string, step: string, body: object): Promise<void> };
  lists: {
    setListMember(list: string, hash: string, body: object): Promise<FakeMember>;
    updateListMember(list: string, id: string, body: object): Promise<FakeMember>;
    updateListMemberTags(list: string, hash: string, body: object): Promise<void>;
    createListMemberEvent(list: string, id: string, body: object): Promise<void>;
    getListMemberEvents(list: string, id: string): Promise<object>;
    createSegment(list: string, body: object): Promise<{ id: number }>;
    getSegmentMembersList(list: string, id: number): Promise<{ members: FakeMember[] }>;
    deleteListMemberPermanent(list: string, hash: string): Promise<void>;
  };
}

describe('The fake of Mailchimp', () => {
  let fake: FakeMailchimp;
  let client: OfficialClient;

  beforeAll(async () => {
    fake = await new FakeMailchimp().start();
    client = createRequire(import.meta.url)('@mailchimp/mailchimp_marketing') as OfficialClient;
    client.setConfig({ apiKey: fake.apiKey });
    client.basePath = `${fake.url}/3.0`;
  });
  afterAll(() => fake.stop());

  const email = 'official@example.com';

  it('is accepted by the official client: members, tags, events, journeys, segments, deletion', async () => {
    const { lists, customerJourneys } = client;
    const { audienceId } = fake;
    const member = { email_address: email, status_if_new: 'subscribed', merge_fields: { MINGUSID: '7' } };
    const hash = createHash('md5').update(email).digest('hex');
    const made = await lists.setListMember(audienceId, hash, member);
    expect(made).toMatchObject({ id: hash, status: 'subscribed', tags: [] });
    await lists.updateListMemberTags(audienceId, hash, { tags: [{ name: 'VIP', status: 'active' }] });
    await lists.createListMemberEvent(audienceId, hash, { name: 'purchased', properties: { sku: '1' } });
    const events = await lists.getListMemberEvents(audienceId, made.contact_id);
    expect(events).toMatchObject({ events: [{ name: 'purchased' }] });
    await customerJourneys.trigger('12', '34', { email_address: email });
    expect(fake.journeys.get('12/34')).toEqual([email]);
    const renamed = { email_address: 'renamed@example.com' };
    const changed = await lists.updateListMember(audienceId, made.contact_id, renamed);
    expect(changed).toMatchObject({ contact_id: made.contact_id, tags: [{ name: 'VIP' }] });
    const conditions = [{ condition_type: 'TextMerge', field: 'MINGUSID', op: 'is', value: '7' }];
    const segment = await lists.createSegment(audienceId, {
      name: 's',
      options: { match: 'all', conditions },
    });
    const { members } = await lists.getSegmentMembersList(audienceId, segment.id);
    expect(members.map(({ id }) => id)).toEqual([changed.id]);
    await lists.deleteListMemberPermanent(audienceId, changed.id);
    expect(fake.members.size).toBe(0);
  });

  it('refuses as the official client expects it', async () => {
    const gone = client.lists.updateListMember(fake.audienceId, 'f'.repeat(32), {});
    const body = { title: 'Resource Not Found', status: 404 };
    await expect(gone).rejects.toMatchObject({ status: 404, response: { body } });
    client.setConfig({ apiKey: 'wrong' });
    await expect(client.ping.get()).rejects.toMatchObject({ status: 401 });
  });
});
