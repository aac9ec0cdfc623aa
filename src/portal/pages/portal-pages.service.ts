import { HttpStatus, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppConfig } from '../../platform/config/app-config.js';
import type { LocalText } from '../../platform/i18n/local-text.js';
import { PageRenderer, type PageTemplate } from '../../platform/pages/page-renderer.service.js';

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

  /** Texts in the language of the customer, if known, else of the browser. */
  textsFor(request: FastifyRequest, locale: string | null = null): LocalText {
    return this.pages.textsFor(request, locale);
  }

  /** The button behind the link of a message. */
  showButton(reply: FastifyReply, text: LocalText, trouble: 'unavailable' | 'busy' | null = null): void {
    const status = { unavailable: HttpStatus.SERVICE_UNAVAILABLE, busy: HttpStatus.CONFLICT };
    this.pages.send(reply, text, {
      status: trouble ? status[trouble] : HttpStatus.OK,
      title: text.t('portal:open.title'),
      content: this.open,
      fields: { alert: trouble && text.t(`portal:open.${trouble}`) },
    });
  }

  /** The form that has a new link mailed. */
  showForm(
    reply: FastifyReply,
    text: LocalText,
    {
      status,
      about,
      isInvalid = false,
    }: { status: number; about: 'request' | 'expired' | 'used'; isInvalid?: boolean },
  ): void {
    this.pages.send(reply, text, {
      status,
      title: text.t(`portal:${about}.title`),
      content: this.request,
      fields: {
        message: text.t(`portal:${about}.text`),
        alert: isInvalid ? text.t('portal:request.invalid') : null,
        action: this.requestsUrl,
      },
    });
  }

  /** What a link shows that leads nowhere any more. */
  showDeadLink(reply: FastifyReply, text: LocalText, state: 'used' | 'expired' | 'closed'): void {
    if (state === 'closed') this.showNotice(reply, text, { status: HttpStatus.FORBIDDEN, about: state });
    else this.showForm(reply, text, { status: HttpStatus.GONE, about: state });
  }

  showNotice(
    reply: FastifyReply,
    text: LocalText,
    { status, about }: { status: number; about: 'sent' | 'tooMany' | 'closed' },
  ): void {
    this.pages.send(reply, text, {
      status,
      title: text.t(`portal:${about}.title`),
      content: this.notice,
      fields: { message: text.t(`portal:${about}.text`) },
    });
  }
}
