import { createHmac, timingSafeEqual } from 'node:crypto';
import { BadRequestException, Controller, HttpCode, HttpStatus, Post, Req } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiPayloadTooLargeResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { RefusalRecord } from '../../platform/access/refusal-record.service.js';
import { MailSettings } from '../email/mail.settings.js';
import { TakesRawBody } from '../../platform/http/fastify-adapter.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { type BounceOutcome, BouncesService } from './bounces.service.js';

export class MailReportAnswerDto {
  /** The result. A mail that is not a report, or not about one of our messages, changes nothing. */
  outcome: BounceOutcome;
}

/** The mail system posts bounces and complaints here. */
@ApiTags('webhooks')
@Controller('webhooks')
export class MailWebhookController {
  constructor(
    private readonly settings: MailSettings,
    private readonly bounces: BouncesService,
    private readonly refusals: RefusalRecord,
  ) {}

  @Post('mail')
  @TakesRawBody()
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Receive a bounce (RFC 3464) or feedback report (ARF) as a raw mail' })
  @ApiHeader({
    name: 'Mail-Signature',
    required: true,
    description: '`v1=<HMAC-SHA256 of the body, in hex>`',
  })
  @ApiConsumes('message/rfc822')
  @ApiBody({ schema: { type: 'string' } })
  @ApiOkResponse({
    description: 'The report was received. Posting it again changes nothing',
    type: MailReportAnswerDto,
  })
  @ApiBadRequestResponse({ description: 'Bad signature', type: ProblemDetails })
  @ApiPayloadTooLargeResponse({ description: 'Body above 512 KB', type: ProblemDetails })
  async receive(@Req() { headers, body, ip }: FastifyRequest): Promise<MailReportAnswerDto> {
    const raw = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    if (!isSigned(headers['mail-signature'], raw, this.settings.webhookSecret)) {
      this.refusals.note({ route: 'POST /webhooks/mail', reason: 'signature', ip });
      throw new BadRequestException('Invalid signature');
    }
    return { outcome: await this.bounces.take(raw) };
  }
}

/** The signature needs no timestamp, because a report that is posted again changes nothing. */
function isSigned(header: unknown, body: Buffer, secret: string | undefined): boolean {
  const given = typeof header === 'string' ? /^v1=([0-9a-f]{64})$/.exec(header)?.[1] : undefined;
  if (!secret || !given) return false;
  return timingSafeEqual(Buffer.from(given, 'hex'), createHmac('sha256', secret).update(body).digest());
}
