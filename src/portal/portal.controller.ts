import { Controller, Get, Header, Redirect } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AppConfig } from '../platform/config/app-config.js';

/** Where portal links in our messages lead. */
@ApiTags('portal')
@Controller('portal')
export class PortalController {
  constructor(private readonly config: AppConfig) {}

  /** Sends on to Stripe's login page for the billing portal, where one is configured (`PORTAL_LOGIN_URL`). */
  @Get()
  @ApiOperation({ summary: 'The way to the billing portal: redirects to its login page' })
  @Header('Referrer-Policy', 'no-referrer')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Redirect()
  open() {
    return {
      url: this.config.http.portalLoginUrl ?? `${this.config.http.publicUrl}/portal/unavailable`,
      statusCode: 302,
    };
  }

  @Get('unavailable')
  @ApiOperation({ summary: 'Shown while no login page is configured' })
  @Header('Content-Type', 'text/html; charset=utf-8')
  explain(): string {
    return UNAVAILABLE_PAGE;
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
