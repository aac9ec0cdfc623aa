import Handlebars from 'handlebars';
import { mapTexts, type MessageContent } from './message-content.js';

/** The fields that texts of messages may use. All except `name` always have a value. */
export interface MessageValues {
  brandName: string;
  supportEmail: string;
  /** The customer's name in one line; null if Stripe has none. */
  name: string | null;
  email: string;
  /** A date in the customer's language. */
  customerSince: string;
  /** The name of the currency the customer pays in. */
  currency: string;
  /** The number of steps in the message. */
  stepCount: number;
  appUrl: string;
  portalUrl: string;
}

/**
 * Compiled content. A missing field throws. Texts are plain text without nested templates. The layout escapes
 * them, so a value cannot become markup or a template.
 */
export class ContentTemplate {
  private readonly templates = new Map<string, Handlebars.TemplateDelegate<MessageValues>>();

  constructor(readonly content: MessageContent) {
    mapTexts(content, (text) => {
      this.templates.set(
        text,
        Handlebars.compile(text, { strict: true, noEscape: true, knownHelpersOnly: true }),
      );
      return text;
    });
  }

  /** The content for one recipient. */
  fill(values: MessageValues): MessageContent {
    return mapTexts(this.content, (text) => this.templates.get(text)?.(values).trim() ?? '');
  }
}
