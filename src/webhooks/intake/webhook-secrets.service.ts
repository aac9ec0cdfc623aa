import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import type { ReceivedEvent } from './received-event.js';
import { SignatureRefusals } from './signature-refusals.service.js';
import { type SignatureResult, verifyStripeSignature } from './stripe-signature.js';

/** A use is remembered at most this often, per process, secret and kind of event. */
const RECORD_EVERY_MS = 60_000;

/** The secrets that sign events: the first is the newest, later ones are there while secrets rotate. */
@Injectable()
export class WebhookSecrets implements OnModuleDestroy {
  private readonly logger = new Logger('webhooks');
  private readonly recordedAt = new Map<string, number>();
  private readonly recordings = new Set<Promise<void>>();

  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly refusals: SignatureRefusals,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Refusals are counted, logged and told. */
  verify({ headers, ip }: Pick<FastifyRequest, 'headers' | 'ip'>, body: Buffer, now: Date): SignatureResult {
    const signature = headers['stripe-signature'];
    const result = verifyStripeSignature(signature, body, this.config.stripe.webhookSecrets, now);
    if (!result.valid) this.refusals.record(result.cause, ip);
    return result;
  }

  /** A secret of ours signs events of the other mode: an endpoint of that mode delivers here. */
  recordOtherMode(ip: string): void {
    this.refusals.recordOtherMode(ip);
  }

  /**
   * Remembers for all processes that a secret is in use, while there are several. Beside the intake's
   * transaction, and nobody waits for it.
   */
  recordUse(secretIndex: number, kind: ReceivedEvent['kind']): void {
    if (this.config.stripe.webhookSecrets.length === 1) return;
    const key = `${secretIndex} ${kind}`;
    const now = this.clock.now().getTime();
    if (now - (this.recordedAt.get(key) ?? 0) < RECORD_EVERY_MS) return;
    this.recordedAt.set(key, now);
    const recording = this.record(secretIndex + 1, kind).finally(() => this.recordings.delete(recording));
    this.recordings.add(recording);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.recordings);
  }

  private async record(position: number, kind: ReceivedEvent['kind']): Promise<void> {
    await this.dataSource
      .query(RECORD_USE, [position, kind])
      .catch((error) => this.logger.warn({ event: 'use of a secret not recorded', position, error }));
  }
}

const RECORD_USE = `
  insert into webhook_secret_uses (position, kind, last_used_at) values ($1, $2, now())
  on conflict (position, kind) do update set last_used_at = excluded.last_used_at`;
