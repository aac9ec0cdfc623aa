import { Controller, HttpCode, HttpStatus, Logger, Post, Req, Res } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiPayloadTooLargeResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock } from '../../platform/clock.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import type { WebhookAnswer } from '../decision/event-outcome.js';
import { parseReceivedEvent, type ReceivedEvent } from './received-event.js';
import { EventTrace } from '../event-trace.service.js';
import { WebhookAnswerDto, WebhookErrorDto } from './webhook-answer.dto.js';
import { IntakeUnavailable, WebhookIntake } from './webhook-intake.service.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { WebhookSecrets } from './webhook-secrets.service.js';

const RETRY_AFTER_SECONDS = 5;
const NO_BYTES = Buffer.alloc(0);

/** Where Stripe delivers. A 2xx means: committed. */
@ApiTags('webhooks')
@Controller('webhooks')
export class WebhooksController {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly secrets: WebhookSecrets,
    private readonly clock: Clock,
    private readonly intake: WebhookIntake,
    private readonly metrics: WebhookMetrics,
    private readonly trace: EventTrace,
  ) {}

  @Post('stripe')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Receive a Stripe event',
    description:
      'Verifies the signature over the raw bytes (any content type, at most 512 KB), decides about the event and ' +
      'commits the decision. Repeated deliveries have the effect of one.',
  })
  @ApiHeader({ name: 'Stripe-Signature', required: true, description: '`t=<unix seconds>,v1=<HMAC-SHA256>`' })
  @ApiBody({ description: 'A Stripe event', schema: { type: 'object', additionalProperties: true } })
  @ApiOkResponse({ description: 'Committed', type: WebhookAnswerDto })
  @ApiBadRequestResponse({
    description: 'Bad signature, or not an event; nothing is stored',
    type: WebhookErrorDto,
  })
  @ApiPayloadTooLargeResponse({ description: 'Body above 512 KB', type: ProblemDetails })
  @ApiServiceUnavailableResponse({
    description: 'Could not be committed; deliver again',
    type: WebhookErrorDto,
  })
  async receive(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookAnswer> {
    const bytes = Buffer.isBuffer(request.body) ? request.body : NO_BYTES;
    const now = this.clock.now();
    const verifiedAt = performance.now();
    const signature = this.secrets.verify(request, bytes, now);
    if (!signature.valid) return refuse(reply, HttpStatus.BAD_REQUEST, 'Invalid signature');
    this.metrics.recordSecretMatch(signature.secretIndex);
    const parsedAt = performance.now();
    const event = parseReceivedEvent(bytes, now);
    if (!event) {
      this.metrics.recordRefused('not_an_event');
      this.logger.warn({ event: 'not an event', bytes: bytes.length });
      return refuse(reply, HttpStatus.BAD_REQUEST, 'Not a Stripe event');
    }
    this.secrets.recordUse(signature.secretIndex, event.kind);
    this.trace.step('signature verified', [event], parsedAt - verifiedAt);
    this.trace.step('event parsed', [event], performance.now() - parsedAt);
    return this.commit(event, signature.secretIndex + 1, request.ip, reply);
  }

  private async commit(
    event: ReceivedEvent,
    secretPosition: number,
    ip: string,
    reply: FastifyReply,
  ): Promise<WebhookAnswer> {
    const startedAt = performance.now();
    const fields = () => ({
      stripeEventId: event.stripeEventId,
      type: event.type,
      secretPosition,
      durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
    });
    try {
      const { outcome, code, answer } = await this.intake.submit(event);
      if (code === 'livemode_mismatch') this.secrets.recordOtherMode(ip);
      this.metrics.recordEvent(event.type, outcome, code);
      this.metrics.recordDelivery(event.stripeCreatedAt, outcome, performance.now() - startedAt);
      this.logger.log({ event: 'webhook event committed', ...fields(), outcome, code });
      return answer;
    } catch (error) {
      if (!(error instanceof IntakeUnavailable)) throw error;
      this.metrics.recordRefused('unavailable');
      this.logger.error({ event: 'webhook event not committed', ...fields(), error });
      void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
      return refuse(reply, HttpStatus.SERVICE_UNAVAILABLE, 'Temporarily unavailable');
    }
  }
}

function refuse(reply: FastifyReply, status: HttpStatus, error: string): WebhookAnswer {
  void reply.status(status);
  return { success: false, error };
}
