import { IsArray, IsIn, IsInt, IsOptional, IsString, Min } from 'class-validator';
import { IsKnownLocale } from '../../../platform/i18n/known-locale.decorator.js';
import { type Language, LANGUAGES } from '../../../platform/i18n/languages.js';
import { NOTIFICATION_KINDS, type NotificationKind } from '../../notification-kind.js';
import type { Block } from '../content/message-content.js';
import { SAMPLE_NAMES, type SampleCustomer } from '../sample-customers.js';

export class KindParams {
  /** The kind of message. */
  @IsIn(NOTIFICATION_KINDS)
  kind: NotificationKind;
}

export class TemplateParams extends KindParams {
  /** The language of the message. */
  @IsIn(LANGUAGES)
  language: Language;
}

/** The content of a message. Texts are Handlebars: `{{field}}`, `{{#if field}}…{{else}}…{{/if}}`. */
export class ContentDto {
  @IsString()
  subject: string;

  /** The preview text that mail programs show beside the subject. */
  @IsString()
  preheader: string;

  /**
   * `heading`, `paragraph`, `note` {text}; `list` {items}; `steps` {steps: [{title, text}]}; `details` {rows:
   * [{label, value}]}; `button`, `link` {label, url}. The url is `appUrl`, `portalUrl` or an https URL.
   */
  @IsArray()
  blocks: object[];
}

export class RollbackDto {
  /** The version to activate. */
  @IsInt()
  @Min(1)
  version: number;
}

/** The sample customer of a preview. */
export class SampleQuery {
  /** A sample customer: an ordinary one, one without a name, or one whose name is long, right-to-left or hostile. */
  @IsOptional()
  @IsIn(SAMPLE_NAMES)
  customer: SampleCustomer = 'ordinary';
}

export class PreviewQuery extends SampleQuery {
  /** BCP 47. There must be texts in its language. */
  @IsOptional()
  @IsKnownLocale()
  locale: string = 'en';

  /** `json` contains subject, HTML and text. */
  @IsOptional()
  @IsIn(['html', 'text', 'json'])
  format: 'html' | 'text' | 'json' = 'html';
}

/** The options of the preview page. */
export class PreviewPageQuery extends SampleQuery {
  /** The kind of message. */
  @IsOptional()
  @IsIn(NOTIFICATION_KINDS)
  kind: NotificationKind = 'welcome';

  /** The language of the message. */
  @IsOptional()
  @IsIn(LANGUAGES)
  locale: Language = 'en';
}

/** A message as it would be sent. */
export class RenderedMessageDto {
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

/** A kind of message in one language. */
export class TemplateSummaryDto {
  kind: NotificationKind;
  language: Language;
  /** The active version; null for the built-in content. */
  activeVersion: number | null;
  /** The path of its preview. */
  preview: string;
}

export class TemplateListDto {
  templates: TemplateSummaryDto[];
  /** The fields that texts may use, with their meanings. */
  fields: Record<string, string>;
  /** The sample customers for previews. */
  sampleCustomers: SampleCustomer[];
}

/** The present content of a message. It can be edited and saved as a new version. */
export class TemplateContentDto {
  /** The active version; null for the built-in content. */
  activeVersion: number | null;
  subject: string;
  preheader: string;
  blocks: Block[];
}

/** A version that an operator saved. */
export class TemplateVersionDto {
  id: string;
  kind: NotificationKind;
  language: Language;
  version: number;
  subject: string;
  preheader: string;
  blocks: Block[];
  /** Whether this version is active. */
  active: boolean;
  createdAt: Date;
}
