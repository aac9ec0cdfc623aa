import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import type { ReceivedEvent } from './received-event.js';
import { EventTrace } from '../event-trace.service.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { type EventResult, WebhookProcessor } from '../webhook-processor.service.js';

/** An event is decided and committed within this time, or answered 503. */
const DEADLINE_MS = 5000;

/** The service cannot commit the event now; Stripe will deliver it again. */
export class IntakeUnavailable extends Error {}

type Committed = Extract<EventResult, { committed: true }>;

interface Waiting {
  event: ReceivedEvent;
  arrivedAt: number;
  settle: (result: Committed | IntakeUnavailable) => void;
}

/**
 * Group commit: events that arrive while a batch is being written form the next batch. No timer delays
 * a lone event. The waiting room is bounded; whoever finds it full, or waits too long, is sent away
 * with nothing acknowledged.
 */
@Injectable()
export class WebhookIntake {
  private waiting: Waiting[] = [];
  private activeWriters = 0;

  constructor(
    private readonly config: AppConfig,
    private readonly processor: WebhookProcessor,
    private readonly metrics: WebhookMetrics,
    private readonly trace: EventTrace,
  ) {
    metrics.observeWaiting(() => this.waiting.length);
  }

  /** Commits an event. @throws IntakeUnavailable when that is not possible within 5 s */
  async submit(event: ReceivedEvent): Promise<Committed> {
    if (this.waiting.length >= this.config.webhook.waitingMax)
      throw new IntakeUnavailable('Waiting room full');
    const result = await new Promise<Committed | IntakeUnavailable>((resolve) => {
      const entry: Waiting = {
        event,
        arrivedAt: performance.now(),
        settle: (settled) => {
          clearTimeout(deadline);
          resolve(settled);
        },
      };
      const deadline = setTimeout(() => this.giveUp(entry), DEADLINE_MS);
      this.waiting.push(entry);
      this.startWriters();
    });
    if (result instanceof IntakeUnavailable) throw result;
    return result;
  }

  private startWriters(): void {
    while (this.activeWriters < this.config.webhook.writers && this.waiting.length > 0) {
      this.activeWriters += 1;
      void this.write();
    }
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.config.webhook.batchMax);
      const startedAt = performance.now();
      for (const { event, arrivedAt } of batch) {
        this.trace.step('taken from the waiting room', [event], startedAt - arrivedAt);
      }
      const results = await this.processor.process(batch.map(({ event }) => event));
      this.metrics.recordBatch(batch.length, performance.now() - startedAt);
      batch.forEach((entry, index) => entry.settle(toSettled(results[index])));
    }
    this.activeWriters -= 1;
  }

  /** Past its deadline: out of the waiting room, or, if being written already, with the outcome unknown. */
  private giveUp(entry: Waiting): void {
    const index = this.waiting.indexOf(entry);
    if (index !== -1) this.waiting.splice(index, 1);
    entry.settle(new IntakeUnavailable('Not committed in time'));
  }
}

function toSettled(result: EventResult | undefined): Committed | IntakeUnavailable {
  if (result?.committed) return result;
  return new IntakeUnavailable('Not committed', { cause: result?.error });
}
