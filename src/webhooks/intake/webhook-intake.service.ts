import { getHeapStatistics } from 'node:v8';
import { Injectable } from '@nestjs/common';
import type { Link } from '@opentelemetry/api';
import { WebhooksSettings } from '../webhooks.settings.js';
import { presentLink, traced } from '../../platform/tracing/tracing.js';
import type { ReceivedEvent } from '../stripe/received-event.js';
import { EventTrace } from '../inbox/event-trace.service.js';
import { WebhookMetrics } from '../inbox/webhook-metrics.js';
import type { Committed, EventResult } from '../inbox/event-result.js';
import { WebhookProcessor } from '../inbox/webhook-processor.service.js';

/** An event that is not committed within this time is answered with 503. */
const DEADLINE_MS = 5000;

/**
 * The limit of all bodies that wait or are being written, in characters. It keeps large events from filling
 * the heap: parsed and turned into rows, half a megabyte of small objects takes more than ten times that
 * memory.
 */
const SIZE_MAX = getHeapStatistics().heap_size_limit / 32;

/**
 * A second batch starts beside a running one only for at least this many events, because each batch costs
 * about 11 statements.
 */
const WORTH_ANOTHER_WRITER = 32;

/** If a batch takes longer than this, the next one starts beside it with any number of events. */
const STALLED_AFTER_MS = 100;

/** The service cannot commit the event now. Stripe will deliver it again. */
export class IntakeUnavailable extends Error {}

interface Waiting {
  event: ReceivedEvent;
  arrivedAt: number;
  /** Links to the span of the request. */
  link?: Link;
  settle: (result: Committed | IntakeUnavailable) => void;
}

/**
 * Group commit: events that arrive together, or while a batch is being written, form the next batch. No timer
 * delays a single event. The queue is bounded: an event that finds it full, or waits too long, is refused.
 */
@Injectable()
export class WebhookIntake {
  private waiting: Waiting[] = [];
  private size = 0;
  private activeWriters = 0;
  private stalledWriters = 0;
  private isOpening = false;

  constructor(
    private readonly settings: WebhooksSettings,
    private readonly processor: WebhookProcessor,
    private readonly metrics: WebhookMetrics,
    private readonly trace: EventTrace,
  ) {
    metrics.observeWaiting(() => this.waiting.length);
  }

  /** Commits an event. @throws IntakeUnavailable when that is not possible within 5 s */
  submit(event: ReceivedEvent): Promise<Committed> {
    if (this.isFull()) return Promise.reject(new IntakeUnavailable('Waiting room full'));
    return new Promise<Committed>((resolve, reject) => {
      const entry: Waiting = {
        event,
        arrivedAt: performance.now(),
        link: presentLink(),
        settle: (settled) => {
          clearTimeout(deadline);
          if (settled instanceof IntakeUnavailable) reject(settled);
          else resolve(settled);
        },
      };
      const deadline = setTimeout(() => this.giveUp(entry), DEADLINE_MS);
      this.waiting.push(entry);
      this.size += event.body.length;
      this.openWriter();
    });
  }

  private isFull(): boolean {
    return this.waiting.length >= this.settings.waitingMax || this.size >= SIZE_MAX;
  }

  /**
   * Starts a writer if there is work for it, one start at a time. The writer takes all events that have
   * arrived by then.
   */
  private openWriter(): void {
    const minimum = this.activeWriters === this.stalledWriters ? 1 : WORTH_ANOTHER_WRITER;
    if (this.isOpening || this.activeWriters === this.settings.writers) return;
    if (this.waiting.length < minimum) return;
    this.isOpening = true;
    setImmediate(() => {
      this.isOpening = false;
      void this.write();
    });
  }

  private async write(): Promise<void> {
    this.activeWriters += 1;
    const batch = this.waiting.splice(0, this.settings.batchMax);
    this.openWriter();
    await this.noticingStall(this.process(batch));
    this.release(batch);
    this.activeWriters -= 1;
    this.openWriter();
  }

  private async process(batch: readonly Waiting[]): Promise<void> {
    const startedAt = performance.now();
    for (const { event, arrivedAt } of batch) {
      this.trace.step('taken from the waiting room', [event], startedAt - arrivedAt);
    }
    const links = batch.flatMap(({ link }) => link ?? []);
    const results = await traced('webhook batch', { links, attributes: { events: batch.length } }, () =>
      this.processor.process(batch.map(({ event }) => event)),
    );
    this.metrics.recordBatch(batch.length, performance.now() - startedAt);
    batch.forEach((entry, index) => entry.settle(toSettled(results[index])));
  }

  private async noticingStall(work: Promise<void>): Promise<void> {
    let isStalled = false;
    const patience = setTimeout(() => {
      isStalled = true;
      this.stalledWriters += 1;
      this.openWriter();
    }, STALLED_AFTER_MS);
    await work;
    clearTimeout(patience);
    if (isStalled) this.stalledWriters -= 1;
  }

  /** Rejects an event past its deadline. If it is being written already, its outcome is unknown. */
  private giveUp(entry: Waiting): void {
    const index = this.waiting.indexOf(entry);
    if (index !== -1) this.release(this.waiting.splice(index, 1));
    entry.settle(new IntakeUnavailable('Not committed in time'));
  }

  private release(entries: readonly Waiting[]): void {
    for (const { event } of entries) this.size -= event.body.length;
  }
}

function toSettled(result: EventResult | undefined): Committed | IntakeUnavailable {
  if (result?.committed) return result;
  return new IntakeUnavailable('Not committed', { cause: result?.error });
}
