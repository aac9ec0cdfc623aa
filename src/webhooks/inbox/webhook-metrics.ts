import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { counter, gauge, histogram } from '../../platform/metrics/metrics.js';
import { EVENT_OUTCOMES } from '../stripe/event-outcome.js';
import { EventHandlers } from '../decision/event-handlers.service.js';
import type { SignatureFailure } from '../stripe/stripe-signature.js';

/** The event types that an alert watches. */
const CREATIONS = ['customer.created', 'v1.customer.created'];

/** The metrics of events and deliveries. Labels have few values and never hold personal data. */
@Injectable()
export class WebhookMetrics {
  private readonly events;
  private readonly redecisions;
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
    this.redecisions = counter(registry, 'webhook_event_redecisions_total');
    this.errors = counter(registry, 'webhook_event_errors_total');
    this.refused = counter(registry, 'webhook_refused_total');
    this.signatureFailures = counter(registry, 'webhook_signature_failures_total');
    this.secretMatches = counter(registry, 'webhook_secret_matches_total');
    this.processingSeconds = histogram(registry, 'webhook_processing_seconds');
    this.ageSeconds = histogram(registry, 'webhook_event_age_seconds');
    this.batchEvents = histogram(registry, 'webhook_batch_events');
    this.batchSeconds = histogram(registry, 'webhook_batch_seconds');
    // Prometheus sees no increase in a series that starts with its first failure, so each series starts at 0.
    for (const type of CREATIONS) for (const outcome of EVENT_OUTCOMES) this.events.inc({ type, outcome }, 0);
  }

  /**
   * Counts an answered delivery, or a decision about a fetched object. Types that are not handled share one
   * label, because the sender chooses the type.
   * @param code why the event has no effect
   */
  recordEvent(type: string, outcome: string, code: string | null = null): void {
    this.events.inc({ type: this.toLabel(type), outcome });
    if (code !== null) this.errors.inc({ code });
  }

  /** Counts a new decision: after a replay or a link, or because the user arrived. */
  recordRedecision(type: string, outcome: string): void {
    this.redecisions.inc({ type: this.toLabel(type), outcome });
  }

  /**
   * Records a committed delivery.
   * @param durationMs since its signature was verified
   */
  recordDelivery(stripeCreatedAt: string | null, outcome: string, durationMs: number): void {
    this.processingSeconds.observe(durationMs / 1000);
    if (outcome === 'redelivered' || stripeCreatedAt === null) return;
    // Negative if our clock is behind Stripe's.
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

  private toLabel(type: string): string {
    return this.handlers.of(type) ? type : 'other';
  }
}
