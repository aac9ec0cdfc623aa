import { Body, Get, HttpStatus, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LocalText } from '../../platform/i18n/local-text.js';
import {
  MAILED_TOKEN,
  PageController,
  PageResponse,
  PostForm,
} from '../../platform/pages/page-controller.decorator.js';
import type { Page } from '../../platform/pages/page-renderer.service.js';
import type { NotificationKind } from '../notification-kind.js';
import { PreferenceLinks, UnsubscribeLinks } from './choice-links.js';
import { ChoicePages } from './choice-pages.service.js';
import { type CustomerChoices, CustomerChoicesService } from './customer-choices.service.js';
import { without } from './message-choices.js';

/** What a mail program posts (RFC 8058), and our own button. */
const ONE_CLICK = { field: 'List-Unsubscribe', value: 'One-Click' } as const;
const PARAMS = [
  { name: 'kind', description: 'The kind of message that carried the link' },
  MAILED_TOKEN,
] as const;

/** A link that was mailed: whose it is, and from what it unsubscribes. */
interface OpenedLink {
  customerId: string;
  kind: NotificationKind;
  choices: CustomerChoices;
}

/**
 * Unsubscribes from one kind of mail with one click: no login, no cookie, no redirect (RFC 8058). Not limited by
 * address: mail providers post for many people from few.
 */
@PageController('unsubscribe/:kind/:token', 'preferences')
export class UnsubscribeController {
  constructor(
    private readonly links: UnsubscribeLinks,
    private readonly preferences: PreferenceLinks,
    private readonly choices: CustomerChoicesService,
    private readonly pages: ChoicePages,
  ) {}

  @Get()
  @ApiOperation({ summary: 'A button that unsubscribes; has no effect' })
  @ApiParam(PARAMS[0])
  @ApiParam(PARAMS[1])
  @PageResponse(200, 'The button')
  @PageResponse(404, 'Not a link of ours')
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param() params: { kind: string; token: string },
  ): Promise<void> {
    await this.answer(request, reply, params, (link, text) =>
      this.pages.unsubscribe(text, link.kind, this.preferences.linkFor(link)),
    );
  }

  @PostForm()
  @ApiOperation({ summary: 'Unsubscribe: List-Unsubscribe=One-Click in either encoding of a form' })
  @ApiParam(PARAMS[0])
  @ApiParam(PARAMS[1])
  @PageResponse(200, 'Unsubscribed; again changes nothing')
  @PageResponse(400, 'Not a request to unsubscribe')
  @PageResponse(404, 'Not a link of ours')
  async unsubscribe(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param() params: { kind: string; token: string },
    @Body() form: Record<string, unknown> | undefined,
  ): Promise<void> {
    await this.answer(request, reply, params, async (link, text) => {
      if (String(form?.[ONE_CLICK.field]).trim() !== ONE_CLICK.value) {
        return this.pages.failure(text, HttpStatus.BAD_REQUEST, 'notUnderstood');
      }
      const { customerId, kind } = link;
      await this.choices.change(customerId, 'one_click', (before) => without(before, kind, 'email'));
      return this.pages.unsubscribed(text, kind, this.preferences.linkFor(link));
    });
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    { kind, token }: { kind: string; token: string },
    pageFor: (link: OpenedLink, text: LocalText) => Page | Promise<Page>,
  ): Promise<void> {
    const customerId = this.links.customerOf(kind, token);
    const choices = customerId ? await this.choices.find(customerId) : null;
    const text = this.pages.textsFor(request, choices);
    const link = customerId && choices ? { customerId, choices, kind: kind as NotificationKind } : null;
    this.pages.send(reply, text, link ? await pageFor(link, text) : this.pages.unknownLink(text));
  }
}
