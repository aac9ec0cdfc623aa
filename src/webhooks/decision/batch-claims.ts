import type { InterpretedEvent } from './event-decision.js';
import { customerKey } from './known-state.js';

/**
 * The event ids, customers and users that the events of one transaction write. A later event about one of
 * them must see the effect of the earlier event, so it waits for the next transaction.
 */
export class BatchClaims {
  private readonly keys = new Set<string>();

  take(event: InterpretedEvent): void {
    for (const key of keysOf(event)) this.keys.add(key);
  }

  isTaken(event: InterpretedEvent): boolean {
    return keysOf(event).some((key) => this.keys.has(key));
  }
}

function keysOf({ received, subject }: InterpretedEvent): string[] {
  const keys = [`event ${received.stripeEventId}`];
  if (!subject) return keys;
  if (subject.stripeCustomerId) keys.push(`customer ${customerKey(subject)}`);
  if (subject.mingusUserId) keys.push(`user ${subject.mingusUserId}`);
  return keys;
}
