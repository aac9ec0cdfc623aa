import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { counter, gauge, histogram } from '../../platform/metrics/metrics.js';
import { EventHandlers } from '../handlers/event-handlers.service.js';
import type { SignatureFailure } from './stripe-signature.js';

/** What the inbox tells Prometheus. Labels have few values and never hold personal data. */
@Injectable()
export class WebhookMetrics {
  private readonly events;
  private readonly errors;
  private readonly refused;
  private readonly signatureFailures;
  private readonly secretMatches;
  private readonly processingSeconds;
  private readonly ageSeconds;
  private readonly batchEvents;
  private readonly batchSeconds;

  constructor(
    private readonly handlers: EventHandlers,
    private readonly registry: Registry,
  ) {
    this.events = counter(registry, 'webhook_events_total');
    this.errors = counter(registry, 'webhook_event_errors_total');
    this.refused = counter(registry, 'webhook_refused_total');
    this.signatureFailures = counter(registry, 'webhook_signature_failures_total');
    this.secretMatches = counter(registry, 'webhook_secret_matches_total');
    this.processingSeconds = histogram(registry, 'webhook_processing_seconds');
    this.ageSeconds = histogram(registry, 'webhook_event_age_seconds');
    this.batchEvents = histogram(registry, 'webhook_batch_events');
    this.batchSeconds = histogram(registry, 'webhook_batch_seconds');
  }

  /**
   * An event was decided. What type it claims to be is up to the sender: only those that are handled are told apart.
   * @param code why nothing came of it
   */
  recordEvent(type: string, outcome: string, code: string | null = null): void {
    this.events.inc({ type: this.handlers.of(type) ? type : 'other', outcome });
    if (code !== null) this.errors.inc({ code });
  }

  /** A delivery was committed. @param durationMs since its signature was verified */
  recordDelivery(stripeCreatedAt: string | null, outcome: string, durationMs: number): void {
    this.processingSeconds.observe(durationMs / 1000);
    if (outcome === 'redelivered' || stripeCreatedAt === null) return;
    // Below zero where our clock is behind Stripe's.
    this.ageSeconds.observe(Math.max(0, (Date.now() - Date.parse(stripeCreatedAt)) / 1000));
  }

  recordRefused(reason: 'not_an_event' | 'unavailable'): void {
    this.refused.inc({ reason });
  }

  recordSignatureFailure(cause: SignatureFailure): void {
    this.signatureFailures.inc({ cause });
  }

  recordSecretMatch(secretIndex: number): void {
    this.secretMatches.inc({ position: String(secretIndex + 1) });
  }

  recordBatch(events: number, durationMs: number): void {
    this.batchEvents.observe(events);
    this.batchSeconds.observe(durationMs / 1000);
  }

  observeWaiting(count: () => number): void {
    gauge(this.registry, 'webhook_waiting_events', (waiting) => waiting.set(count()));
  }
}
