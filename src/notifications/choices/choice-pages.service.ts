import { HttpStatus, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BrandSettings } from '../../platform/brand/brand.settings.js';
import { NotificationsSettings } from '../notifications.settings.js';
import { LANGUAGES } from '../../platform/i18n/languages.js';
import type { LocalText } from '../../platform/i18n/local-text.js';
import { type Page, PageRenderer, type PageTemplate } from '../../platform/pages/page-renderer.service.js';
import { ONBOARDING_KINDS } from '../../events/onboarding-kinds.js';
import { CHANNELS, isOptional, type NotificationKind } from '../notification-kind.js';
import type { CustomerChoices } from './customer-choices.service.js';
import { ANYTHING_NEW, CHOOSABLE, fieldOf, isWanted } from './message-choices.js';

/** The notice above the form. */
export type Notice = 'saved' | 'unsubscribedFromAll';

/** The pages where customers choose their messages. They do not show who the customer is. */
@Injectable()
export class ChoicePages {
  private readonly preferencesTemplate: PageTemplate;
  private readonly unsubscribeTemplate: PageTemplate;
  private readonly noticeTemplate: PageTemplate;

  constructor(
    private readonly settings: NotificationsSettings,
    private readonly brand: BrandSettings,
    private readonly pages: PageRenderer,
  ) {
    this.preferencesTemplate = pages.compile(new URL('preferences.html.hbs', import.meta.url));
    this.unsubscribeTemplate = pages.compile(new URL('unsubscribe.html.hbs', import.meta.url));
    this.noticeTemplate = pages.compile(new URL('notice.html.hbs', import.meta.url));
  }

  /** Texts in the customer's language if there is a customer, otherwise in the browser's. */
  textsFor(request: FastifyRequest, choices: CustomerChoices | null = null): LocalText {
    return this.pages.textsFor(request, choices ? [choices.locale, ...choices.preferredLocales] : []);
  }

  send(reply: FastifyReply, text: LocalText, page: Page): void {
    this.pages.send(reply, text, page);
  }

  preferences(text: LocalText, { notifications }: CustomerChoices, notice: Notice | null = null): Page {
    const { brand } = this;
    return {
      status: HttpStatus.OK,
      title: text.t('choices:preferences.title'),
      content: this.preferencesTemplate,
      fields: {
        notice: notice && text.t(`choices:preferences.${notice}`),
        intro: text.t('choices:preferences.intro', { brandName: brand.name }),
        kinds: CHOOSABLE.map((kind) => ({
          ...describeKind(text, kind),
          channels: this.channels().map((channel) => ({
            field: fieldOf(kind, channel),
            label: text.t(`choices:channels.${channel}`),
            isOn: isWanted(notifications, kind, channel),
          })),
        })),
        always: ONBOARDING_KINDS.filter((kind) => !isOptional(kind)).map((kind) => describeKind(text, kind)),
        languages: LANGUAGES.map((language) => ({
          language,
          name: nameOf(language),
          isChosen: language === text.language,
        })),
      },
    };
  }

  /** Asks first: mail scanners open links but press no buttons. */
  unsubscribe(text: LocalText, kind: NotificationKind, preferencesUrl: string): Page {
    const { title: name } = describeKind(text, kind);
    return {
      status: HttpStatus.OK,
      title: text.t('choices:unsubscribe.title'),
      content: this.unsubscribeTemplate,
      fields: { question: text.t('choices:unsubscribe.text', { name }), preferencesUrl },
    };
  }

  unsubscribed(text: LocalText, kind: NotificationKind, preferencesUrl: string): Page {
    const { title: name } = describeKind(text, kind);
    return {
      status: HttpStatus.OK,
      title: text.t('choices:unsubscribed.title'),
      content: this.noticeTemplate,
      fields: { message: text.t('choices:unsubscribed.text', { name }), preferencesUrl },
    };
  }

  /** The same answer for every invalid link, so that it does not show what is wrong. */
  unknownLink(text: LocalText): Page {
    return this.failure(text, HttpStatus.NOT_FOUND, 'unknown');
  }

  failure(text: LocalText, status: HttpStatus, about: 'unknown' | 'notUnderstood' | 'tooOften'): Page {
    return {
      status,
      title: text.t(`choices:${about}.title`),
      content: this.noticeTemplate,
      fields: { message: text.t(`choices:${about}.text`), preferencesUrl: null },
    };
  }

  /** The channels that this installation uses. */
  private channels() {
    return CHANNELS.filter((channel) => this.settings.channels.includes(channel));
  }
}

function describeKind(text: LocalText, kind: string): { title: string; text: string } {
  const name = kind === ANYTHING_NEW ? 'anything_new' : kind;
  return { title: text.t(`messages:kinds.${name}.title`), text: text.t(`messages:kinds.${name}.text`) };
}

/** The name of a language in that language: `Español`. */
function nameOf(language: string): string {
  const name = new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
