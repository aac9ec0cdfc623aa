import type { ReceivedEvent } from '../stripe/received-event.js';
import { OPEN_OUTCOMES } from '../stripe/event-outcome.js';
import type { KnownState, SeenEvent } from './known-state.js';
import { type Verdict, verdict } from './verdict.js';

/** The decision about a thin event whose snapshot twin has been decided; null if it has not. */
export function followTwin(event: ReceivedEvent, known: KnownState): Verdict | null {
  const twin = known.events.get(event.snapshotEventId ?? '');
  if (!twin || !isDecided(twin)) return null;
  const { outcome, refusal, customerId } = twin;
  // The thin event is a duplicate if the snapshot led to a customer, else it is refused for the same reason.
  return customerId && !refusal ? verdict('duplicate', { customerId }) : verdict(outcome, { refusal });
}

/** Whether the twin decided about the customer. A twin of a type that is not handled did not. */
function isDecided({ outcome }: SeenEvent): boolean {
  return outcome !== 'ignored' && !OPEN_OUTCOMES.includes(outcome);
}
