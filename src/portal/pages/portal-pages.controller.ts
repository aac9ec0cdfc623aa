import { Body, Get, HttpCode, HttpStatus, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LimitedByAddress } from '../../platform/access/address-guard.js';
import { isMailAddress } from '../../platform/mail-address.js';
import { withoutInvisible } from '../../platform/visible-text.js';
import { PortalSettings } from '../portal.settings.js';
import {
  MAILED_TOKEN,
  PageController,
  PageResponse,
  PostForm,
} from '../../platform/pages/page-controller.decorator.js';
import { LinkRedemption } from '../links/link-redemption.service.js';
import { LinkRequests } from '../links/link-requests.service.js';
import { PortalLinks } from '../links/portal-links.service.js';
import { PortalPages } from './portal-pages.service.js';

const EMAIL_MAX_LENGTH = 254;
const LOCALE_MAX_LENGTH = 35;
const RETRY_LATER_SECONDS = 60;
const AN_HOUR_SECONDS = 3600;

/**
 * The pages on the way to the billing portal. Reading a page changes nothing, because mail scanners open
 * every link.
 */
@PageController('portal', 'portal')
@LimitedByAddress()
export class PortalPagesController {
  constructor(
    private readonly links: PortalLinks,
    private readonly redemption: LinkRedemption,
    private readonly requests: LinkRequests,
    private readonly pages: PortalPages,
    private readonly settings: PortalSettings,
  ) {}

  /** The form is also at `/portal/links`, the address of its answer, so that a browser can reload that page. */
  @Get(['', 'links'])
  @ApiOperation({
    summary: "The way to the billing portal: a form, or Stripe's login page where one is configured",
  })
  @PageResponse(200, 'A form to request a link by mail')
  @PageResponse(302, 'The login page (PORTAL_LOGIN_URL)')
  show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { loginUrl } = this.settings;
    if (loginUrl) return void reply.redirect(loginUrl, HttpStatus.FOUND);
    const text = this.pages.textsFor(request);
    this.pages.send(reply, text, this.pages.form(text));
  }

  @PostForm('links')
  @ApiOperation({ summary: 'Request a link by mail; the answer is the same for every address' })
  @PageResponse(200, 'Accepted: if the address is that of a customer with access, a link is on its way')
  @PageResponse(400, 'Not an email address')
  @PageResponse(429, 'Too many requests by this client')
  async request(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Body() form: { email?: unknown; locale?: unknown } | undefined,
  ): Promise<void> {
    const locale = typeof form?.locale === 'string' ? form.locale.slice(0, LOCALE_MAX_LENGTH) : null;
    const text = this.pages.textsFor(request, locale ? [locale] : []);
    const email = typeof form?.email === 'string' ? withoutInvisible(form.email).trim() : '';
    if (email.length > EMAIL_MAX_LENGTH || !isMailAddress(email)) {
      return this.pages.send(reply, text, this.pages.form(text, true));
    }
    if (await this.requests.accept(email, request.ip)) {
      return this.pages.send(reply, text, this.pages.note(text, 'sent'));
    }
    void reply.header('retry-after', AN_HOUR_SECONDS);
    this.pages.send(reply, text, this.pages.note(text, 'tooMany'));
  }

  @Get('links/:token')
  @ApiOperation({ summary: 'The page that the link of a message opens; has no effect' })
  @ApiParam(MAILED_TOKEN)
  @PageResponse(200, 'A button that redeems the link')
  @PageResponse(403, 'The access is suspended or revoked')
  @PageResponse(410, 'The link is used, expired or unknown: a form to request a new one by mail')
  async showLink(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { state, locales } = await this.links.find(token);
    const text = this.pages.textsFor(request, locales);
    const isAlive = state === 'open' || state === 'busy';
    this.pages.send(reply, text, isAlive ? this.pages.button(text) : this.pages.deadLink(text, state));
  }

  @HttpCode(HttpStatus.SEE_OTHER)
  @PostForm('links/:token')
  @ApiOperation({ summary: 'Redeem a link: exactly one request succeeds' })
  @ApiParam(MAILED_TOKEN)
  @PageResponse(303, "A fresh session of Stripe's billing portal")
  @PageResponse(403, 'The access is suspended or revoked')
  @PageResponse(409, 'Another request is redeeming this link now')
  @PageResponse(410, 'The link is used, expired or unknown: a form to request a new one by mail')
  @PageResponse(503, 'Stripe does not answer; the link still works')
  async redeem(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const { socket } = request.raw;
    const { url, because, locales } = await this.redemption.redeem(token, () => !socket.writable);
    void reply.header('referrer-policy', 'no-referrer').header('cache-control', 'no-store');
    if (url !== null) return void reply.redirect(url, HttpStatus.SEE_OTHER);
    const text = this.pages.textsFor(request, locales);
    if (because !== 'unavailable' && because !== 'busy') {
      return this.pages.send(reply, text, this.pages.deadLink(text, because));
    }
    void reply.header('retry-after', RETRY_LATER_SECONDS);
    this.pages.send(reply, text, this.pages.button(text, because));
  }
}
