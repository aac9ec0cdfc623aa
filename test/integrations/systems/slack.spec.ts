import { ErrorCode, IncomingWebhook } from '@slack/webhook';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectorSession, OutgoingEvent } from '../../../src/integrations/connectors/connector.js';
import { SlackConnector } from '../../../src/integrations/systems/slack.connector.js';
import { FakeSlack } from '../../support/connectors/fake-slack.js';
import { aRow, openSession } from '../../support/connectors/open-session.js';

const connector = new SlackConnector();
const EVENT: OutgoingEvent = {
  type: 'customer.stage_changed',
  data: { from: 'trialing', to: 'active' },
  sequence: 4,
  occurredAt: new Date(),
};

describe('Slack', () => {
  let slack: FakeSlack;
  let session: ConnectorSession;

  beforeEach(async () => {
    slack = await new FakeSlack().start();
    session = openSession(connector, {}, { webhookUrl: slack.webhookUrl });
  });
  afterEach(() => slack.stop());

  const aMessage = (text: string) => aRow('postMessage', { fields: { text } });
  const post = (text: string) => connector.deliver([aMessage(text)], session);

  it('gets a message with the text of an action, and the id of the customer', async () => {
    const row = aMessage('A new customer of the plan gold 🎉');
    expect(await connector.deliver([row], session)).toEqual([{ result: 'accepted' }]);
    expect(slack.messages).toEqual([
      {
        text: `A new customer of the plan gold 🎉\nCustomer ${row.person.stripeCustomerId}`,
        mentions: [],
        links: [],
      },
    ]);
  });

  it('gets a message for a fact, without data of the person', async () => {
    const row = aRow('trackEvent', { event: EVENT });
    await connector.deliver([row], session);
    expect(slack.messages[0]?.text).toBe(
      `The customer entered another lifecycle stage. from: trialing, to: active\nCustomer ${row.person.stripeCustomerId}`,
    );
    const sent = JSON.stringify(slack.requests[0]?.body);
    for (const personal of [row.person.name, row.person.email]) expect(sent).not.toContain(personal);
  });

  it.each([
    '<!channel> & <!here|here> <@U012AB3CD> <#C012AB3CD>',
    'Click <https://evil.example|your invoice>',
    'https://evil.example/?a=1&b=2',
    '&lt;!channel&gt; "quotes" \'and\' \\ {"text": 1}',
  ])('shows the text as it is, without mentions and links: %s', async (text) => {
    await post(text);
    expect(slack.messages).toEqual([{ text: expect.stringContaining(`${text}\n`), mentions: [], links: [] }]);
  });

  it.each(['<'.repeat(10_000), '😀'.repeat(10_000)])('gets the beginning of a long text', async (text) => {
    expect(await post(text)).toEqual([{ result: 'accepted' }]);
    const [shown = ''] = slack.messages[0]?.text.split('\n') ?? [];
    expect(shown).toMatch(/…$/);
    expect(text.startsWith(shown.slice(0, -1))).toBe(true);
    expect(shown.isWellFormed()).toBe(true);
  });

  it('refuses a message without a text', async () => {
    expect(await post('')).toEqual([{ result: 'rejected', code: 'invalid_blocks' }]);
  });

  it.each([
    ['no_service'],
    ['channel_not_found'],
    ['channel_is_archived'],
    ['action_prohibited'],
    ['posting_to_general_channel_denied'],
    ['invalid_token'],
    ['user_not_found'],
  ] as const)(
    'makes the connector wait, not the message, when the webhook is refused: %s',
    async (refusal) => {
      slack.refusal = refusal;
      expect(await post('Hello')).toEqual([{ result: 'auth', code: refusal }]);
      expect(await connector.health(session)).toMatchObject({ credential: 'refused' });
    },
  );

  it('asks for a pause with Retry-After', async () => {
    slack.retryAfter = 30;
    const [result] = await post('Hello');
    expect(result).toMatchObject({ result: 'quota', code: 'rate_limited' });
    expect((result as { at: Date }).at.getTime()).toBeGreaterThan(Date.now() + 20_000);
    expect(await connector.health(session)).toMatchObject({ credential: 'unknown' });
  });

  it.each([
    [
      { status: 500, body: 'rollup_error' },
      { result: 'unknown', code: 'rollup_error' },
    ],
    [{ status: 503 }, { result: 'retry', code: 'http_503' }],
    [
      { status: 302, headers: { location: '/' } },
      { result: 'auth', code: 'http_302' },
    ],
    [
      { status: 200, body: '<html>Welcome' },
      { result: 'unknown', code: 'not_confirmed' },
    ],
  ])('may answer %j', async (answer, result) => {
    slack.failNext({ answer });
    expect(await post('Hello')).toMatchObject([result]);
  });

  it('gets no message again whose outcome is unknown: it cannot be searched', async () => {
    slack.failNext({ act: 'silence', after: true });
    await expect(post('Hello')).rejects.toMatchObject({ mayHaveArrived: true });
    expect(connector.describe().repeatable).toEqual([]);
    expect('search' in connector).toBe(false);
    expect('erase' in connector).toBe(false);
  });

  it('says how it is, without a message', async () => {
    expect(await connector.health(session)).toEqual({
      credential: 'accepted',
      missingScopes: [],
      missingFields: [],
      quota: null,
      account: 'T0AB12CDE',
    });
    expect(slack.messages).toEqual([]);
  });

  it.each([aMessage('Hello <world>'), aRow('trackEvent', { event: EVENT })])(
    'is sent what was planned, and the plan hides the webhook: $kind',
    async (row) => {
      const plan = connector.plan(row, { ...session, secret: (name) => `<${name}>` });
      await connector.deliver([row], session);
      expect(plan).toMatchObject({ method: 'POST', url: '<webhookUrl>', body: slack.requests[0]?.body });
    },
  );

  it('is accepted by @slack/webhook', async () => {
    const { body } = connector.plan(aMessage('Hello <world>'), session);
    const webhook = new IncomingWebhook(slack.webhookUrl);
    expect(await webhook.send(body as Parameters<typeof webhook.send>[0])).toEqual({ text: 'ok' });
    expect(slack.messages[0]?.text).toContain('Hello <world>');
    slack.refusal = 'no_service';
    await expect(webhook.send('Hello')).rejects.toMatchObject({ code: ErrorCode.HTTPError });
  });
});
