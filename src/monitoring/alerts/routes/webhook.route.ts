import { type AlertNotice, type AlertRoute, headlineOf, linesOf } from './alert-route.js';

const TIMEOUT_MS = 5000;

/** Posts `{"text": …}` to an incoming webhook such as Slack's. */
export class WebhookRoute implements AlertRoute {
  readonly name = 'webhook';

  constructor(private readonly url: string) {}

  async send(notice: AlertNotice): Promise<void> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: [headlineOf(notice), ...linesOf(notice)].map(escape).join('\n') }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`The webhook for alerts answered ${response.status}`);
  }
}

/** Slack's rule: https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
