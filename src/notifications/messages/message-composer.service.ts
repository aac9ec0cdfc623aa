import { Injectable } from '@nestjs/common';
import { BrandSettings } from '../../platform/brand/brand.settings.js';
import { HttpSettings } from '../../platform/http/http.settings.js';
import { type Language, LANGUAGES } from '../../platform/i18n/languages.js';
import type { LocalText } from '../../platform/i18n/local-text.js';
import { Translator } from '../../platform/i18n/translator.service.js';
import { NOTIFICATION_KINDS, type NotificationKind } from '../notification-kind.js';
import { ContentTemplate, type MessageValues } from './content/content-template.js';
import { builtInContent, countSteps } from './content/built-in-content.js';
import { displayName, withoutEncodedWords } from './display-name.js';
import { type MessageContent, withoutSilentBlocks } from './content/message-content.js';
import { type Foot, MessageFrame } from './message-frame.js';

/** A message ready to be sent. */
export interface RenderedMessage {
  /** The language of the message (BCP 47). */
  locale: string;
  subject: string;
  html: string;
  /** The content as plain text, without the footer of a mail. */
  body: string;
  text: string;
  /** The URL for one-click unsubscribing in the mail program (RFC 8058); null if the message is not optional. */
  unsubscribeUrl: string | null;
}

/** The recipient of a message. */
export interface MessageRecipient {
  name: string | null;
  email: string;
  /** The locale that the customer chose, from the preferences. */
  locale: string;
  /** The locales in Stripe, used if we have no texts for the locale above. */
  preferredLocales: string[];
  timezone: string;
  /** ISO 4217. */
  currency: string;
  customerSince: Date;
}

/** The links of one message. */
export interface MessageLinks {
  portalUrl?: string;
  preferencesUrl?: string;
  unsubscribeUrl?: string;
}

/** Composes messages from content: the built-in content or any other. Synchronous, without I/O. */
@Injectable()
export class MessageComposer {
  private readonly frame: MessageFrame;
  private readonly builtIn = new Map<string, ContentTemplate>();

  constructor(
    private readonly brand: BrandSettings,
    private readonly http: HttpSettings,
    private readonly translator: Translator,
  ) {
    this.frame = new MessageFrame(brand);
    for (const kind of NOTIFICATION_KINDS) {
      for (const language of LANGUAGES) {
        const content = builtInContent(kind, translator.for([language]));
        this.builtIn.set(`${kind} ${language}`, new ContentTemplate(content));
      }
    }
  }

  /** The language of messages to a recipient. */
  languageFor(recipient: MessageRecipient): Language {
    return this.localTextFor(recipient).language;
  }

  /** The built-in content, without the changes of an operator. */
  builtInFor(kind: NotificationKind, language: Language): ContentTemplate {
    const template = this.builtIn.get(`${kind} ${language}`);
    if (!template) throw new Error(`No message ${kind} in ${language}`);
    return template;
  }

  /** The content for a recipient, with all texts filled in. */
  contentFor(
    template: ContentTemplate,
    recipient: MessageRecipient,
    links: MessageLinks = {},
  ): MessageContent {
    return template.fill(this.valuesFor(template.content, recipient, this.localTextFor(recipient), links));
  }

  compose(template: ContentTemplate, recipient: MessageRecipient, links: MessageLinks = {}): RenderedMessage {
    const text = this.localTextFor(recipient);
    const values = this.valuesFor(template.content, recipient, text, links);
    const filled = withoutSilentBlocks(template.fill(values));
    const content = { ...filled, subject: withoutEncodedWords(filled.subject) };
    const targets: Record<string, string> = { appUrl: values.appUrl, portalUrl: values.portalUrl };
    const parts = this.frame.put(content, footOf(text, values, links), text, (url) => targets[url] ?? url);
    const { unsubscribeUrl = null } = links;
    return { locale: text.locale, subject: content.subject, ...parts, unsubscribeUrl };
  }

  private localTextFor({ locale, preferredLocales, timezone }: MessageRecipient): LocalText {
    return this.translator.for([locale, ...preferredLocales], timezone);
  }

  private valuesFor(
    content: MessageContent,
    recipient: MessageRecipient,
    text: LocalText,
    links: MessageLinks,
  ): MessageValues {
    const { brand, http } = this;
    return {
      brandName: brand.name,
      supportEmail: brand.supportEmail,
      name: displayName(recipient.name),
      email: recipient.email,
      customerSince: text.date(recipient.customerSince),
      currency: text.currencyName(recipient.currency),
      stepCount: countSteps(content),
      appUrl: http.appUrl,
      portalUrl: links.portalUrl ?? `${http.publicUrl}/portal`,
    };
  }
}

/** The footer: why the customer gets the message, where to ask for help, and how to choose messages. */
function footOf(text: LocalText, values: MessageValues, links: MessageLinks): Foot {
  const { brandName, email, supportEmail } = values;
  const choices = [
    { label: text.t('messages:frame.preferences'), url: links.preferencesUrl },
    { label: text.t('messages:frame.unsubscribe'), url: links.unsubscribeUrl },
  ];
  return {
    reason: text.t('messages:frame.reason', { brandName, email }),
    help: text.t('messages:frame.help', { supportEmail }),
    links: choices.flatMap(({ label, url }) => (url ? [{ label, url }] : [])),
  };
}
