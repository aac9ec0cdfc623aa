import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../platform/config/app-config.js';
import type { InterpretedEvent } from './decision/event-decision.js';
import type { ReceivedEvent } from './intake/received-event.js';

/** With LOG_LEVEL=debug, tells each step of each event with its duration; otherwise costs nothing. */
@Injectable()
export class EventTrace {
  private readonly logger = new Logger('trace');
  private readonly enabled: boolean;

  constructor({ logLevel }: AppConfig) {
    this.enabled = logLevel === 'debug' || logLevel === 'trace';
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
