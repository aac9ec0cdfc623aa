import type { IncomingHttpHeaders } from 'node:http';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { WebhooksSettings } from '../webhooks.settings.js';
import type { ReceivedEvent } from '../stripe/received-event.js';
import { SignatureRefusals } from './signature-refusals.service.js';
import { type SignatureResult, verifyStripeSignature } from '../stripe/stripe-signature.js';

/** A use is recorded at most this often per process, secret and kind of event. */
const RECORD_EVERY_MS = 60_000;

/** The parts of a request that verification needs: the headers, and the client address for the audit. */
export interface SignedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly ip: string | undefined;
}

/** The secrets that sign events. The first is the newest; there are several only during a rotation. */
@Injectable()
export class WebhookSecrets implements OnModuleDestroy {
  private readonly logger = new Logger('webhooks');
  private readonly recordedAt = new Map<string, number>();
  private readonly recordings = new Set<Promise<void>>();

  constructor(
    private readonly settings: WebhooksSettings,
    private readonly clock: Clock,
    private readonly refusals: SignatureRefusals,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Verifies a signature. Refusals are counted, logged and audited. */
  verify(request: SignedRequest, body: Buffer, now: Date): SignatureResult {
    const signature = request.headers['stripe-signature'];
    const result = verifyStripeSignature(signature, body, this.settings.secrets, now);
    if (!result.valid) this.refusals.record(result.cause, request.ip);
    return result;
  }

  /** Records that an endpoint of the other mode delivers here, with a secret of ours. */
  recordOtherMode(ip: string | undefined): void {
    this.refusals.recordOtherMode(ip);
  }

  /**
   * Records for all processes that a secret is in use, if there are several. The row is written outside the
   * intake's transaction, and the event does not wait for it.
   */
  recordUse(secretIndex: number, kind: ReceivedEvent['kind']): void {
    if (this.settings.secrets.length === 1) return;
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
