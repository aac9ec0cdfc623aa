import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SignatureFailure } from './stripe-signature.js';

/** What the intake tells Prometheus. Labels have few values and never hold personal data. */
@Injectable()
export class WebhookMetrics {
  private readonly events: Counter<'type' | 'outcome'>;
  private readonly refused: Counter<'reason'>;
  private readonly signatureFailures: Counter<'cause'>;
  private readonly secretMatches: Counter<'position'>;
  private readonly batchSize: Histogram;
  private readonly batchSeconds: Histogram;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.events = new Counter({
      name: 'webhook_events_total',
      help: 'Committed events by handled type and outcome',
      labelNames: ['type', 'outcome'],
      registers,
    });
    this.refused = new Counter({
      name: 'webhook_refused_total',
      help: 'Requests answered without storing anything',
      labelNames: ['reason'],
      registers,
    });
    this.signatureFailures = new Counter({
      name: 'webhook_signature_failures_total',
      help: 'Refused signatures by cause',
      labelNames: ['cause'],
      registers,
    });
    this.secretMatches = new Counter({
      name: 'webhook_secret_matches_total',
      help: 'Accepted signatures by position of the matching secret (1 is the first)',
      labelNames: ['position'],
      registers,
    });
    this.batchSize = new Histogram({
      name: 'webhook_batch_events',
      help: 'Events per transaction',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    });
    this.batchSeconds = new Histogram({
      name: 'webhook_batch_seconds',
      help: 'From taking a batch to its commit',
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    });
  }

  recordEvent(type: string, outcome: string): void {
    this.events.inc({ type: outcome === 'ignored' ? 'other' : type, outcome });
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
    this.batchSize.observe(events);
    this.batchSeconds.observe(durationMs / 1000);
  }

  observeWaiting(count: () => number): void {
    const waiting: Gauge = new Gauge({
      name: 'webhook_waiting_events',
      help: 'Events waiting for a transaction',
      registers: [this.registry],
      collect: () => waiting.set(count()),
    });
  }
}
