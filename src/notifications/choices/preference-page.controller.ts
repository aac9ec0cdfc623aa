import { Body, Get, HttpStatus, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LimitedByAddress } from '../../platform/access/address-guard.js';
import type { LocalText } from '../../platform/i18n/local-text.js';
import {
  MAILED_TOKEN,
  PageController,
  PageResponse,
  PostForm,
} from '../../platform/pages/page-controller.decorator.js';
import { RateLimiter } from '../../platform/rate-limits/rate-limiter.service.js';
import { PreferenceLinks } from './choice-links.js';
import { ChoicePages } from './choice-pages.service.js';
import { type CustomerChoices, CustomerChoicesService } from './customer-choices.service.js';
import { withForm, withoutAnything } from './message-choices.js';

const CHANGES_PER_HOUR = 60;
const AN_HOUR_SECONDS = 3600;

/** The form's fields: the choices, and the button that was pressed. */
type PreferenceForm = Record<string, unknown> & { act?: unknown };

/**
 * The page where customers choose their messages. The link in any message opens it without a login. The link
 * is the only credential, so the page needs no cookie, and another site cannot send the form without it.
 */
@PageController('preferences/:token', 'preferences')
@LimitedByAddress()
export class PreferencePageController {
  constructor(
    private readonly links: PreferenceLinks,
    private readonly choices: CustomerChoicesService,
    private readonly pages: ChoicePages,
    private readonly limiter: RateLimiter,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The page where customers choose their messages; has no effect' })
  @ApiParam(MAILED_TOKEN)
  @PageResponse(200, 'The page with the present choices')
  @PageResponse(404, 'Unknown link')
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const customerId = this.links.customerOf(token);
    const choices = customerId && (await this.choices.find(customerId));
    const text = this.pages.textsFor(request, choices || null);
    this.pages.send(
      reply,
      text,
      choices ? this.pages.preferences(text, choices) : this.pages.unknownLink(text),
    );
  }

  @PostForm()
  @ApiOperation({ summary: 'Save the choices of a customer: act=save with the choices, or act=none' })
  @ApiParam(MAILED_TOKEN)
  @PageResponse(200, 'The page with the saved choices')
  @PageResponse(400, 'The form is invalid')
  @PageResponse(404, 'Unknown link')
  @PageResponse(429, 'Too many changes')
  async save(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
    @Body() form: PreferenceForm | undefined,
  ): Promise<void> {
    const customerId = this.links.customerOf(token);
    const before = customerId && (await this.choices.find(customerId));
    const text = this.pages.textsFor(request, before || null);
    if (!customerId || !before) return this.pages.send(reply, text, this.pages.unknownLink(text));
    if (!chosenBy(form, before, text)) {
      const refusal = this.pages.failure(text, HttpStatus.BAD_REQUEST, 'notUnderstood');
      return this.pages.send(reply, text, refusal);
    }
    if (!(await this.limiter.allows(`choices of ${customerId}`, { perHour: CHANGES_PER_HOUR }))) {
      void reply.header('retry-after', AN_HOUR_SECONDS);
      return this.pages.send(reply, text, this.pages.failure(text, HttpStatus.TOO_MANY_REQUESTS, 'tooOften'));
    }
    const via = 'preference_page';
    const after = await this.choices.change(customerId, via, (known) => chosenBy(form, known, text));
    const textAfter = this.pages.textsFor(request, after);
    const notice = form?.act === 'none' ? 'unsubscribedFromAll' : 'saved';
    this.pages.send(reply, textAfter, this.pages.preferences(textAfter, after ?? before, notice));
  }
}

/** Null if the form is not from this page. */
function chosenBy(form: PreferenceForm | undefined, choices: CustomerChoices, { language }: LocalText) {
  if (form?.act === 'none') return withoutAnything(choices);
  return form?.act === 'save' ? withForm(choices, form, language) : null;
}
