import { IsArray, IsIn, IsInt, IsOptional, IsString, Min } from 'class-validator';
import { IsSpokenLocale } from '../../../platform/config/environment-validators.js';
import { type Language, LANGUAGES } from '../../../platform/i18n/languages.js';
import { NOTIFICATION_KINDS, type NotificationKind } from '../../notification-kind.js';
import type { Block } from '../message-content.js';
import { SAMPLE_NAMES, type SampleCustomer } from '../sample-customers.js';

export class KindParams {
  /** Which message. */
  @IsIn(NOTIFICATION_KINDS)
  kind: NotificationKind;
}

export class TemplateParams extends KindParams {
  /** In which language. */
  @IsIn(LANGUAGES)
  language: Language;
}

/** What a message says. Texts are Handlebars: `{{field}}`, `{{#if field}}…{{else}}…{{/if}}`. */
export class ContentDto {
  @IsString()
  subject: string;

  /** What mail programs show beside the subject. */
  @IsString()
  preheader: string;

  /**
   * `heading`, `paragraph`, `note` {text}; `list` {items}; `steps` {steps: [{title, text}]}; `details`
   * {rows: [{label, value}]}; `button`, `link` {label, url}, whose url is `appUrl`, `portalUrl` or an https URL.
   */
  @IsArray()
  blocks: object[];
}

export class RollbackDto {
  /** The version to put in force again. */
  @IsInt()
  @Min(1)
  version: number;
}

/** Whom a preview is for. */
export class SampleQuery {
  /** A sample customer: an ordinary one, one without a name, and names that are long, right-to-left, hostile. */
  @IsOptional()
  @IsIn(SAMPLE_NAMES)
  customer: SampleCustomer = 'ordinary';
}

export class PreviewQuery extends SampleQuery {
  /** BCP 47, of a language there are texts in. */
  @IsOptional()
  @IsSpokenLocale()
  locale: string = 'en';

  /** `json` has subject, HTML and text together. */
  @IsOptional()
  @IsIn(['html', 'text', 'json'])
  format: 'html' | 'text' | 'json' = 'html';
}

/** What the preview page shows. */
export class PreviewPageQuery extends SampleQuery {
  /** Which message. */
  @IsOptional()
  @IsIn(NOTIFICATION_KINDS)
  kind: NotificationKind = 'welcome';

  /** In which language. */
  @IsOptional()
  @IsIn(LANGUAGES)
  locale: Language = 'en';
}

/** A message as it would be sent. */
export class RenderedMessageDto {
  /** What it is written in (BCP 47). */
  locale: string;
  subject: string;
  html: string;
  /** The content as plain text, without the foot of a mail. */
  body: string;
  text: string;
  /** Where a mail program unsubscribes (RFC 8058); null where there is nothing to choose. */
  unsubscribeUrl: string | null;
}

/** A kind of message in one language. */
export class TemplateSummaryDto {
  kind: NotificationKind;
  language: Language;
  /** The version in force; null is the built-in content. */
  activeVersion: number | null;
  /** Path of its preview. */
  preview: string;
}

export class TemplateListDto {
  templates: TemplateSummaryDto[];
  /** The fields that texts may name, with what they hold. */
  fields: Record<string, string>;
  /** Customers for previews. */
  sampleCustomers: SampleCustomer[];
}

/** What a message says now: a good start for content of your own. */
export class TemplateContentDto {
  /** The version in force; null is the built-in content. */
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
  /** Whether it is the one in force. */
  active: boolean;
  createdAt: Date;
}
