import { type FakeAnswer, FakeSystem, type ReceivedRequest } from './fake-system.js';

interface Text {
  type: 'mrkdwn' | 'plain_text';
  text: string;
  verbatim?: boolean;
}

interface Block {
  type: string;
  text?: Text;
  elements?: Text[];
}

/** A message as people see it. */
export interface ShownMessage {
  /** With its entities decoded. */
  text: string;
  /** What it notifies: `<!channel>`, `<@U1>`, `<#C1>`. */
  mentions: string[];
  links: string[];
}

/** What is wrong with the webhook, with the status of the answer. */
const REFUSALS = {
  no_service: 404,
  channel_not_found: 404,
  channel_is_archived: 410,
  action_prohibited: 403,
  posting_to_general_channel_denied: 403,
  invalid_token: 403,
  user_not_found: 400,
} as const;

/**
 * An incoming webhook of Slack: one message per second, words as answers, the three control characters, links that are made
 * of addresses unless a text is verbatim.
 */
export class FakeSlack extends FakeSystem {
  readonly messages: ShownMessage[] = [];
  readonly path = '/services/T0AB12CDE/B0FG34HIJ/abcdefghijklmnopqrstuvwx';
  refusal: keyof typeof REFUSALS | null = null;
  /** Seconds to wait, while there were too many messages. */
  retryAfter: number | null = null;

  get webhookUrl(): string {
    return `${this.url}${this.path}`;
  }

  protected answer({ method, path, headers, body }: ReceivedRequest): FakeAnswer {
    if (path !== this.path) return word(404, 'no_service');
    if (method !== 'POST') return word(405, 'method_not_allowed');
    if (this.retryAfter !== null)
      return { ...word(429, 'rate_limited'), headers: { ...PLAIN, 'retry-after': String(this.retryAfter) } };
    if (this.refusal) return word(REFUSALS[this.refusal], this.refusal);
    if (!/json/.test(headers['content-type'] ?? '') || typeof body !== 'object')
      return word(400, 'invalid_payload');
    const blocks: Block[] = body.blocks ?? [];
    if (!body.text && blocks.length === 0) return word(400, 'no_text');
    const texts = blocks.flatMap(({ text, elements }) => [...(text ? [text] : []), ...(elements ?? [])]);
    if (texts.some(({ text }) => text.length === 0 || text.length > 3000)) return word(400, 'invalid_blocks');
    const shown = texts.length > 0 ? texts : [{ type: 'mrkdwn' as const, text: String(body.text) }];
    this.messages.push(
      show([...shown, { type: 'mrkdwn', verbatim: true, text: String(body.text ?? '') }], shown),
    );
    return word(200, 'ok');
  }
}

/** @param all with what a notification shows */
function show(all: Text[], shown: Text[]): ShownMessage {
  const marked = all.filter(({ type }) => type === 'mrkdwn');
  const sequences = marked.flatMap(({ text }) => text.match(/<[^>]+>/g) ?? []);
  const addresses = marked
    .filter(({ verbatim }) => !verbatim)
    .flatMap(({ text }) => text.match(/https?:\/\/[^\s<>|]+/g) ?? []);
  return {
    text: shown.map(({ text }) => decoded(text)).join('\n'),
    mentions: sequences.filter((sequence) => /^<[!@#]/.test(sequence)),
    links: [...sequences.filter((sequence) => !/^<[!@#]/.test(sequence)), ...addresses],
  };
}

function decoded(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

const PLAIN = { 'content-type': 'text/html' };

function word(status: number, body: string): FakeAnswer {
  return { status, headers: PLAIN, body };
}
