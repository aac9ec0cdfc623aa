import { Logger } from '@nestjs/common';
import { databaseFaultOf } from '../../platform/database/database-fault.js';
import type { Refusal } from '../stripe/event-outcome.js';
import type { ReceivedEvent } from '../stripe/received-event.js';

/**
 * PostgreSQL refuses the data of the event in every attempt. The event is stored as rejected, so that
 * operators see it.
 */
export const UNPROCESSABLE: Refusal = {
  code: 'unprocessable',
  message: 'Invalid customer data: Not storable',
};

/** The fields of an event that the log needs. */
interface NamedEvent {
  received: Pick<ReceivedEvent, 'stripeEventId'>;
}

const logger = new Logger('webhooks');

/**
 * Runs an attempt to decide about some events and write the decisions. If PostgreSQL refuses their data, each
 * event gets an attempt of its own. An event that is refused again is decided as {@link UNPROCESSABLE}.
 * @param attempt one transaction or savepoint, so that a failed attempt writes nothing
 */
export async function isolateRefused<E extends NamedEvent>(
  events: readonly E[],
  attempt: (events: readonly E[], refusal?: Refusal) => Promise<void>,
): Promise<void> {
  try {
    await attempt(events);
  } catch (error) {
    if (databaseFaultOf(error) !== 'data') throw error;
    const [event, ...others] = events;
    if (others.length > 0) {
      for (const one of events) await isolateRefused([one], attempt);
      return;
    }
    logger.error({ event: 'event unprocessable', stripeEventId: event?.received.stripeEventId, error });
    await attempt(events, UNPROCESSABLE);
  }
}
