import Handlebars from 'handlebars';
import { mapTexts, type MessageContent } from './message-content.js';

/** The fields that texts of messages may name. All but `name` are always there. */
export interface MessageValues {
  brandName: string;
  supportEmail: string;
  /** Of the customer, as one line; null where Stripe has none. */
  name: string | null;
  email: string;
  /** A day, written out in the customer's language. */
  customerSince: string;
  /** The name of the currency the customer pays in. */
  currency: string;
  /** How many steps the message has. */
  stepCount: number;
  appUrl: string;
  portalUrl: string;
}

/**
 * Compiled content. Strict: a field that is missing throws. Texts are plain and one level deep; the
 * layout escapes them, so no value can become markup or be read as a template again.
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
