import { HttpStatus, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppConfig } from '../../platform/config/app-config.js';
import type { LocalText } from '../../platform/i18n/local-text.js';
import { type Page, PageRenderer, type PageTemplate } from '../../platform/pages/page-renderer.service.js';

/** Pages that only tell something. */
const NOTES = { sent: HttpStatus.OK, tooMany: HttpStatus.TOO_MANY_REQUESTS, closed: HttpStatus.FORBIDDEN };

/** The pages around the portal, in the reader's language. */
@Injectable()
export class PortalPages {
  private readonly open: PageTemplate;
  private readonly request: PageTemplate;
  private readonly notice: PageTemplate;
  private readonly requestsUrl: string;

  constructor(
    private readonly pages: PageRenderer,
    { http }: AppConfig,
  ) {
    this.requestsUrl = `${new URL(http.publicUrl).pathname.replace(/\/$/, '')}/portal/links`;
    this.open = pages.compile(new URL('open.html.hbs', import.meta.url));
    this.request = pages.compile(new URL('request.html.hbs', import.meta.url));
    this.notice = pages.compile(new URL('notice.html.hbs', import.meta.url));
  }

  /** Texts in the language the customer is written to in, else the browser's. */
  textsFor(request: FastifyRequest, locales: readonly string[] = []): LocalText {
    return this.pages.textsFor(request, locales);
  }

  send(reply: FastifyReply, text: LocalText, page: Page): void {
    this.pages.send(reply, text, page);
  }

  /** The button behind the link of a message. */
  button(text: LocalText, trouble: 'unavailable' | 'busy' | null = null): Page {
    const status = { unavailable: HttpStatus.SERVICE_UNAVAILABLE, busy: HttpStatus.CONFLICT };
    return {
      status: trouble ? status[trouble] : HttpStatus.OK,
      title: text.t('portal:open.title'),
      content: this.open,
      fields: { alert: trouble && text.t(`portal:open.${trouble}`) },
    };
  }

  /** The form that has a link mailed. */
  form(text: LocalText, isInvalid = false): Page {
    return this.formAbout(text, 'request', isInvalid ? HttpStatus.BAD_REQUEST : HttpStatus.OK, isInvalid);
  }

  /** What a link shows that leads nowhere any more. */
  deadLink(text: LocalText, state: 'used' | 'expired' | 'closed'): Page {
    return state === 'closed' ? this.note(text, state) : this.formAbout(text, state, HttpStatus.GONE);
  }

  note(text: LocalText, about: keyof typeof NOTES): Page {
    return {
      status: NOTES[about],
      title: text.t(`portal:${about}.title`),
      content: this.notice,
      fields: { message: text.t(`portal:${about}.text`) },
    };
  }

  private formAbout(
    text: LocalText,
    about: 'request' | 'expired' | 'used',
    status: HttpStatus,
    isInvalid = false,
  ): Page {
    return {
      status,
      title: text.t(`portal:${about}.title`),
      content: this.request,
      fields: {
        message: text.t(`portal:${about}.text`),
        alert: isInvalid ? text.t('portal:request.invalid') : null,
        action: this.requestsUrl,
      },
    };
  }
}
