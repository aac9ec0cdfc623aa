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

/** The form of a mail program (RFC 8058) and of our own button. */
const ONE_CLICK = { field: 'List-Unsubscribe', value: 'One-Click' } as const;
const PARAMS = [
  { name: 'kind', description: 'The kind of message that contained the link' },
  MAILED_TOKEN,
] as const;

/** A link from a mail: its customer, and the kind that it unsubscribes from. */
interface OpenedLink {
  customerId: string;
  kind: NotificationKind;
  choices: CustomerChoices;
}

/**
 * Unsubscribes from one kind of mail with one click: no login, no cookie, no redirect (RFC 8058). There is no
 * limit by IP address, because mail providers send the requests of many people from a few addresses.
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
  @ApiOperation({ summary: 'The page with the button to unsubscribe; has no effect' })
  @ApiParam(PARAMS[0])
  @ApiParam(PARAMS[1])
  @PageResponse(200, 'The page')
  @PageResponse(404, 'Unknown link')
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
  @ApiOperation({ summary: 'Unsubscribe: a form in either encoding with List-Unsubscribe=One-Click' })
  @ApiParam(PARAMS[0])
  @ApiParam(PARAMS[1])
  @PageResponse(200, 'Unsubscribed; repeating it changes nothing')
  @PageResponse(400, 'Not a request to unsubscribe')
  @PageResponse(404, 'Unknown link')
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
