import { Injectable } from '@nestjs/common';
import { FACT_TYPES } from '../../events/integrations/fact-types.js';
import type { OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
import {
  type Connector,
  type ConnectorDescription,
  type ConnectorHealth,
  type ConnectorSession,
  type ConnectorValues,
  Connects,
  type OutgoingEvent,
  type OutgoingRow,
  type PlannedRequest,
  type RowResult,
} from '../connectors/connector.js';
import { unsettledBy } from '../connectors/http-results.js';

/** The most characters of a text in a block. https://docs.slack.dev/reference/block-kit/composition-objects/text-object */
const TEXT_MAX = 3000;

/**
 * Slack: a message in the channel of an incoming webhook. It names the customer by id and holds no data of the person
 * unless an action's text does. A message cannot be found or deleted by a webhook, so one with an unknown outcome is held,
 * and there is nothing to erase.
 */
@Injectable()
@Connects('slack')
export class SlackConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'messaging',
      title: 'Slack',
      settings: [],
      secrets: [{ name: 'webhookUrl', label: 'URL of an incoming webhook', isUrl: true }],
      capabilities: ['trackEvent', 'postMessage'],
      batch: { rows: 1, bytes: 100_000 },
      rate: { requests: 1, perSeconds: 1, concurrency: 1 },
      repeatable: [],
      mapping: {},
      events: ['customer.stage_changed', 'payment.failed'],
    };
  }

  /** A batch is one row. */
  async deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    const results: RowResult[] = [];
    for (const row of rows) results.push(resultOf(await session.request(this.plan(row, session))));
    return results;
  }

  plan({ event, fields, person }: OutgoingRow, values: ConnectorValues): PlannedRequest & { method: 'POST' } {
    const text = escaped(event ? describeEvent(event) : String(fields.text ?? ''));
    const body = {
      // Notifications show the text, the channel shows the blocks.
      text,
      blocks: [
        { type: 'section', text: plain(text) },
        { type: 'context', elements: [plain(escaped(`Customer ${person.stripeCustomerId}`))] },
      ],
      unfurl_links: false,
      unfurl_media: false,
    };
    return { method: 'POST', url: values.secret('webhookUrl'), headers: {}, body };
  }

  /** A message without text is refused by a webhook that works, and posted by none. */
  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const url = session.secret('webhookUrl');
    const { result } = resultOf(await session.request({ method: 'POST', url, body: {} }));
    return {
      credential: result === 'rejected' ? 'accepted' : result === 'auth' ? 'refused' : 'unknown',
      missingScopes: [],
      missingFields: [],
      quota: null,
      account: /\/services\/(T\w+)\//.exec(url)?.[1] ?? null,
    };
  }
}

/** Slack answers with one word. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
function resultOf(response: OutboundResponse): RowResult {
  const { status, text } = response;
  const word = /^[a-z_]{2,60}$/.exec(text.trim())?.[0];
  if (status === 200)
    return word === 'ok' ? { result: 'accepted' } : { result: 'unknown', code: 'not_confirmed' };
  const code = word ?? `http_${status}`;
  if (status === 400) return { result: ABOUT_WEBHOOK.has(code) ? 'auth' : 'rejected', code };
  return { ...unsettledBy(response), code };
}

/** Refusals with 400 that concern the webhook and not the message. */
const ABOUT_WEBHOOK = new Set(['user_not_found', 'invalid_token', 'no_active_hooks', 'no_service_id']);

/** `verbatim`: Slack makes no links of addresses and names in it. Mentions and links with a text are escaped. */
function plain(text: string) {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** For example "The customer entered another lifecycle stage. from: trialing, to: active". */
function describeEvent({ type, data }: OutgoingEvent): string {
  const values = Object.entries(data)
    .filter(([name, value]) => name !== 'stripeCustomerId' && value !== null)
    .map(([name, value]) => `${name}: ${String(value)}`);
  return [FACT_TYPES[type].summary, values.join(', ')].join(' ').trim();
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Slack's three control characters are replaced. A long text is cut, and ends with an ellipsis. */
function escaped(text: string): string {
  let result = '';
  for (const character of text) {
    const next = ESCAPES[character] ?? character;
    if (result.length + next.length >= TEXT_MAX) return `${result}…`;
    result += next;
  }
  return result;
}
