import { Injectable, Logger } from '@nestjs/common';
import { LogSettings } from '../../platform/logging/log.settings.js';
import type { InterpretedEvent } from '../decision/event-decision.js';
import type { ReceivedEvent } from '../stripe/received-event.js';

/** Logs each step of each event with its duration if LOG_LEVEL is `debug`. */
@Injectable()
export class EventTrace {
  private readonly logger = new Logger('trace');
  private readonly enabled: boolean;

  constructor({ level }: LogSettings) {
    this.enabled = level === 'debug' || level === 'trace';
  }

  /**
   * @param details ids, codes and counts only: no payload, no address
   */
  step(
    step: string,
    events: readonly (InterpretedEvent | ReceivedEvent)[],
    durationMs: number,
    details: () => object = () => ({}),
  ): void {
    if (!this.enabled) return;
    const rounded = Math.round(durationMs * 1000) / 1000;
    for (const event of events) {
      const { stripeEventId } = 'received' in event ? event.received : event;
      this.logger.debug({
        event: step,
        stripeEventId,
        durationMs: rounded,
        batch: events.length,
        ...details(),
      });
    }
  }
}
