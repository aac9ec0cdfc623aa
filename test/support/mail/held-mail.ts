import { onTestFinished } from 'vitest';
import { TestApp } from '../test-app.js';
import { SmtpSink } from './smtp-sink.js';

/** A mail server that answers messages only when the test lets it. */
export class HeldMail {
  private readonly waiting: (() => void)[] = [];
  private isOpen = false;

  /** Number of messages without an answer. */
  get held(): number {
    return this.waiting.length;
  }

  /** Accepts the messages held now. */
  accept(): void {
    for (const accept of this.waiting.splice(0)) accept();
  }

  /** Accepts the messages held now, and all later ones at once. */
  open(): void {
    this.isOpen = true;
    this.accept();
  }

  /** Holds one message. */
  hold(): Promise<null> {
    if (this.isOpen) return Promise.resolve(null);
    return new Promise((accept) => this.waiting.push(() => accept(null)));
  }
}

/**
 * A service with such a mail server until the end of the test.
 * @param first the answer to the first message
 */
export async function withHeldMail(
  env: Record<string, string>,
  first?: Error,
): Promise<{ service: TestApp; mail: HeldMail }> {
  const mail = new HeldMail();
  let refusal = first ?? null;
  const onMessage = () => {
    if (!refusal) return mail.hold();
    const answer = refusal;
    refusal = null;
    return answer;
  };
  const smtp = await SmtpSink.start({ onMessage });
  const service = await TestApp.start({ jobs: true, smtp, env });
  onTestFinished(async () => {
    mail.open();
    await service.stop();
    await smtp.stop();
  });
  return { service, mail };
}
