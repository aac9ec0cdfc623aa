import { Get, Header, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AdminController } from '../../../platform/access/admin-controller.decorator.js';
import { OpensInBrowser } from '../../../platform/access/requires.decorator.js';
import { MessageRenderer } from '../overrides/message-renderer.service.js';
import type { RenderedMessage } from '../message-composer.service.js';
import { KindParams, PreviewPageQuery, PreviewQuery, RenderedMessageDto } from '../overrides/template.dto.js';
import { SAMPLE_CUSTOMERS, type SampleCustomer } from '../sample-customers.js';
import { isOptional, type NotificationKind } from '../../notification-kind.js';
import { previewPage } from './preview-page.js';

/** Scripts are blocked, and only images are loaded: a message may contain a name that a stranger chose. */
const MESSAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src https: http:; frame-ancestors 'self'; sandbox allow-popups";
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'";
/** Sample links in place of those that other modules make. */
const sampleLinks = (kind: NotificationKind) => ({
  preferencesUrl: 'https://example.com/preferences/sample',
  ...(isOptional(kind) ? { unsubscribeUrl: `https://example.com/unsubscribe/${kind}/sample` } : {}),
});

@OpensInBrowser()
@AdminController('templates')
export class TemplatePreviewsController {
  constructor(private readonly renderer: MessageRenderer) {}

  @Get('preview')
  @Header('Content-Security-Policy', PAGE_POLICY)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'A web page with every message in every language for every sample customer' })
  @ApiProduces('text/html')
  @ApiOkResponse({ description: 'The page. A browser asks for the admin key as password', type: String })
  async page(@Query() query: PreviewPageQuery, @Res() reply: FastifyReply): Promise<void> {
    const { subject } = await this.render(query.kind, query.locale, query.customer);
    void reply.type('text/html; charset=utf-8').send(previewPage(query, subject));
  }

  @Get(':kind/preview')
  @Header('Content-Security-Policy', MESSAGE_POLICY)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'A message as it would be sent now to a sample customer' })
  @ApiProduces('text/html', 'text/plain', 'application/json')
  @ApiOkResponse({ description: 'The message in the requested `format`', type: RenderedMessageDto })
  async preview(
    @Param() { kind }: KindParams,
    @Query() { locale, customer, format }: PreviewQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const message = await this.render(kind, locale, customer);
    if (format === 'json') void reply.type('application/json; charset=utf-8').send(message);
    else if (format === 'text') void reply.type('text/plain; charset=utf-8').send(message.text);
    else void reply.type('text/html; charset=utf-8').send(message.html);
  }

  private render(kind: NotificationKind, locale: string, customer: SampleCustomer): Promise<RenderedMessage> {
    return this.renderer.render(
      { kind, version: null },
      { ...SAMPLE_CUSTOMERS[customer], locale },
      sampleLinks(kind),
    );
  }
}
