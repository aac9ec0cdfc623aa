import { getHeapStatistics } from 'node:v8';
import { Injectable } from '@nestjs/common';
import type { Link } from '@opentelemetry/api';
import { AppConfig } from '../../platform/config/app-config.js';
import { presentLink, traced } from '../../platform/tracing/tracing.js';
import type { ReceivedEvent } from './received-event.js';
import { EventTrace } from '../event-trace.service.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { type Committed, type EventResult, WebhookProcessor } from '../webhook-processor.service.js';

/** An event is decided and committed within this time, or answered 503. */
const DEADLINE_MS = 5000;

/**
 * Bodies waiting or being written, in characters. Whoever sends large events must not fill the heap with
 * them: parsed and turned into rows, half a megabyte of small objects takes more than ten times as much.
 */
const SIZE_MAX = getHeapStatistics().heap_size_limit / 32;

/**
 * A batch is opened beside a running one only for this many events: each batch costs some 11 statements,
 * whatever it holds.
 */
const WORTH_ANOTHER_WRITER = 32;

/** A batch that takes longer holds nobody up any more, however few they are. */
const STALLED_AFTER_MS = 100;

/** The service cannot commit the event now; Stripe will deliver it again. */
export class IntakeUnavailable extends Error {}

interface Waiting {
  event: ReceivedEvent;
  arrivedAt: number;
  /** To the span of its request. */
  link?: Link;
  settle: (result: Committed | IntakeUnavailable) => void;
}

/**
 * Group commit: events that arrive together, or while a batch is being written, form the next batch. No
 * timer delays a lone event. The waiting room is bounded; whoever finds it full, or waits too long, is sent away
 * with nothing acknowledged.
 */
@Injectable()
export class WebhookIntake {
  private waiting: Waiting[] = [];
  private size = 0;
  private activeWriters = 0;
  private stalledWriters = 0;
  private isOpening = false;

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
    if (this.isFull()) throw new IntakeUnavailable('Waiting room full');
    const result = await new Promise<Committed | IntakeUnavailable>((resolve) => {
      const entry: Waiting = {
        event,
        arrivedAt: performance.now(),
        link: presentLink(),
        settle: (settled) => {
          clearTimeout(deadline);
          resolve(settled);
        },
      };
      const deadline = setTimeout(() => this.giveUp(entry), DEADLINE_MS);
      this.waiting.push(entry);
      this.size += event.body.length;
      this.openWriter();
    });
    if (result instanceof IntakeUnavailable) throw result;
    return result;
  }

  private isFull(): boolean {
    return this.waiting.length >= this.config.webhook.waitingMax || this.size >= SIZE_MAX;
  }

  /** Opens a writer, one at a time, when there is work for it. It takes what has arrived by then. */
  private openWriter(): void {
    const minimum = this.activeWriters === this.stalledWriters ? 1 : WORTH_ANOTHER_WRITER;
    if (this.isOpening || this.activeWriters === this.config.webhook.writers) return;
    if (this.waiting.length < minimum) return;
    this.isOpening = true;
    setImmediate(() => {
      this.isOpening = false;
      void this.write();
    });
  }

  private async write(): Promise<void> {
    this.activeWriters += 1;
    const batch = this.waiting.splice(0, this.config.webhook.batchMax);
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

  /** Past its deadline: out of the waiting room, or, if being written already, with the outcome unknown. */
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
