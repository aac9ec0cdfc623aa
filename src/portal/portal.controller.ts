import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiFoundResponse, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AppConfig } from '../platform/config/app-config.js';

/** Where portal links in our messages lead. */
@ApiTags('portal')
@Controller('portal')
export class PortalController {
  constructor(private readonly config: AppConfig) {}

  @Get()
  @ApiOperation({ summary: "The way to the billing portal: Stripe's login page, where one is configured" })
  @ApiProduces('text/html')
  @ApiFoundResponse({ description: 'The login page (PORTAL_LOGIN_URL)' })
  @ApiOkResponse({ description: 'A page that says how to get help meanwhile', type: String })
  @Header('Referrer-Policy', 'no-referrer')
  open(@Res() reply: FastifyReply): void {
    const { loginUrl: portalLoginUrl } = this.config.portal;
    if (portalLoginUrl) void reply.redirect(portalLoginUrl);
    else void reply.type('text/html; charset=utf-8').send(UNAVAILABLE_PAGE);
  }
}

const UNAVAILABLE_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" />
    <title>Billing portal</title>
    <style>
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem; color: #1d2733; }
      @media (prefers-color-scheme: dark) { body { background: #12181f; color: #e6edf3; } }
    </style>
  </head>
  <body>
    <h1>Billing portal</h1>
    <p>Online access to your invoices and payment methods is being set up. Please reply to the email that brought you here, and we will help you at once.</p>
  </body>
</html>
`;
