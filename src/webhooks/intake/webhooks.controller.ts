import { Controller, HttpCode, HttpStatus, Post, Req, Res } from '@nestjs/common';
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
import { TakesRawBody } from '../../platform/http/fastify-adapter.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import type { WebhookAnswer } from '../stripe/event-outcome.js';
import { Deliveries, RETRY_AFTER_SECONDS } from './deliveries.service.js';
import { WebhookAnswerDto, WebhookErrorDto } from './webhook-answer.dto.js';

const NO_BYTES = Buffer.alloc(0);

/**
 * The webhook endpoint. A 2xx answer means that the event is committed. Most deliveries are handled by
 * `delivery-lane.ts` instead.
 */
@ApiTags('webhooks')
@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly deliveries: Deliveries) {}

  @Post('stripe')
  @TakesRawBody()
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
    const { status, answer } = await this.deliveries.receive(request, bytes);
    void reply.status(status);
    if (status === HttpStatus.SERVICE_UNAVAILABLE)
      void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
    return answer;
  }
}
