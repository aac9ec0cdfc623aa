import { HttpStatus, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BrandSettings } from '../../platform/brand/brand.settings.js';
import { HttpSettings } from '../../platform/http/http.settings.js';
import type { LocalText } from '../../platform/i18n/local-text.js';
import { type Page, PageRenderer, type PageTemplate } from '../../platform/pages/page-renderer.service.js';

/** Pages with a text and no form. */
const NOTES = { sent: HttpStatus.OK, tooMany: HttpStatus.TOO_MANY_REQUESTS, closed: HttpStatus.FORBIDDEN };

/** The pages around the portal, in the reader's language. */
@Injectable()
export class PortalPages {
  private readonly entrance: PageTemplate;
  private readonly open: PageTemplate;
  private readonly request: PageTemplate;
  private readonly notice: PageTemplate;

  constructor(
    private readonly pages: PageRenderer,
    private readonly http: HttpSettings,
    private readonly brand: BrandSettings,
  ) {
    this.entrance = pages.compile(new URL('front.html.hbs', import.meta.url));
    this.open = pages.compile(new URL('open.html.hbs', import.meta.url));
    this.request = pages.compile(new URL('request.html.hbs', import.meta.url));
    this.notice = pages.compile(new URL('notice.html.hbs', import.meta.url));
  }

  /** Texts in the customer's language if there is a customer, otherwise in the browser's. */
  textsFor(request: FastifyRequest, locales: readonly string[] = []): LocalText {
    return this.pages.textsFor(request, locales);
  }

  send(reply: FastifyReply, text: LocalText, page: Page): void {
    this.pages.send(reply, text, page);
  }

  /** Names the service's owner, and links to MINGUS and to the portal. */
  front(text: LocalText): Page {
    const { http, brand } = this;
    const brandName = brand.name;
    return {
      status: HttpStatus.OK,
      title: text.t('portal:front.title', { brandName }),
      content: this.entrance,
      fields: {
        message: text.t('portal:front.text', { brandName }),
        // In development both addresses may be the same.
        appUrl: http.appUrl === http.publicUrl ? null : http.appUrl,
        portalUrl: this.pages.pathTo('/portal'),
      },
    };
  }

  /** The page with the button that redeems a link. */
  button(text: LocalText, trouble: 'unavailable' | 'busy' | null = null): Page {
    const status = { unavailable: HttpStatus.SERVICE_UNAVAILABLE, busy: HttpStatus.CONFLICT };
    return {
      status: trouble ? status[trouble] : HttpStatus.OK,
      title: text.t('portal:open.title'),
      content: this.open,
      fields: { alert: trouble && text.t(`portal:open.${trouble}`) },
    };
  }

  /** The form to request a link. */
  form(text: LocalText, isInvalid = false): Page {
    return this.formAbout(text, 'request', isInvalid ? HttpStatus.BAD_REQUEST : HttpStatus.OK, isInvalid);
  }

  /** The page for a link that does not work any more. */
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
        action: this.pages.pathTo('/portal/links'),
      },
    };
  }
}
