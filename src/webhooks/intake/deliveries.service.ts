import { HttpStatus, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import type { WebhookAnswer } from '../stripe/event-outcome.js';
import { EventTrace } from '../inbox/event-trace.service.js';
import { parseReceivedEvent, type ReceivedEvent } from '../stripe/received-event.js';
import { IntakeUnavailable, WebhookIntake } from './webhook-intake.service.js';
import { WebhookMetrics } from '../inbox/webhook-metrics.js';
import { type SignedRequest, WebhookSecrets } from './webhook-secrets.service.js';

/** Stripe waits at least this long before it delivers again. */
export const RETRY_AFTER_SECONDS = 5;

/** The answer to a delivery. 200 means that the decision about the event is committed. */
export interface DeliveryAnswer {
  status: HttpStatus.OK | HttpStatus.BAD_REQUEST | HttpStatus.SERVICE_UNAVAILABLE;
  answer: WebhookAnswer;
}

/**
 * Turns the raw bytes of a delivery into an answer: signature, event, group commit. Does not depend on the
 * HTTP server.
 */
@Injectable()
export class Deliveries {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly secrets: WebhookSecrets,
    private readonly clock: Clock,
    private readonly intake: WebhookIntake,
    private readonly metrics: WebhookMetrics,
    private readonly trace: EventTrace,
  ) {}

  /** Rejects only if the service itself has a fault. */
  async receive(request: SignedRequest, bytes: Buffer): Promise<DeliveryAnswer> {
    const now = this.clock.now();
    const verifiedAt = performance.now();
    const signature = this.secrets.verify(request, bytes, now);
    if (!signature.valid) return refused(HttpStatus.BAD_REQUEST, 'Invalid signature');
    this.metrics.recordSecretMatch(signature.secretIndex);
    const parsedAt = performance.now();
    const event = parseReceivedEvent(bytes, now);
    if (!event) {
      this.metrics.recordRefused('not_an_event');
      this.logger.warn({ event: 'not an event', bytes: bytes.length });
      return refused(HttpStatus.BAD_REQUEST, 'Not a Stripe event');
    }
    this.secrets.recordUse(signature.secretIndex, event.kind);
    this.trace.step('signature verified', [event], parsedAt - verifiedAt);
    this.trace.step('event parsed', [event], performance.now() - parsedAt);
    return this.commit(event, signature.secretIndex + 1, request);
  }

  private async commit(
    event: ReceivedEvent,
    secretPosition: number,
    request: SignedRequest,
  ): Promise<DeliveryAnswer> {
    const startedAt = performance.now();
    const fields = () => ({
      stripeEventId: event.stripeEventId,
      type: event.type,
      secretPosition,
      durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
    });
    try {
      const { outcome, code, answer } = await this.intake.submit(event);
      if (code === 'livemode_mismatch') this.secrets.recordOtherMode(request.ip);
      this.metrics.recordEvent(event.type, outcome, code);
      this.metrics.recordDelivery(event.stripeCreatedAt, outcome, performance.now() - startedAt);
      this.logger.log({ event: 'webhook event committed', ...fields(), outcome, code });
      return { status: HttpStatus.OK, answer };
    } catch (error) {
      if (!(error instanceof IntakeUnavailable)) throw error;
      this.metrics.recordRefused('unavailable');
      this.logger.error({ event: 'webhook event not committed', ...fields(), error });
      return refused(HttpStatus.SERVICE_UNAVAILABLE, 'Temporarily unavailable');
    }
  }
}

function refused(status: DeliveryAnswer['status'], error: string): DeliveryAnswer {
  return { status, answer: { success: false, error } };
}
