import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import Handlebars from 'handlebars';
import { AppConfig } from '../../platform/config/app-config.js';
import { NOTIFICATION_KINDS, type NotificationKind } from '../notification-kind.js';

/** A message ready to be sent. */
export interface RenderedMessage {
  subject: string;
  html: string;
  text: string;
}

/** Who a message is for. */
export interface MessageRecipient {
  name: string | null;
  locale: string;
}

type Template = Handlebars.TemplateDelegate<Record<string, unknown>>;
interface MessageTemplate {
  subject: Template;
  html: Template;
  text: Template;
}

const SUBJECTS: Record<NotificationKind, string> = {
  welcome: 'Welcome to MINGUS{{#if name}}, {{name}}{{/if}}',
  onboarding_guide: 'Your first week with MINGUS',
  portal_access: 'Your MINGUS billing portal',
};
const NAME_MAX_LENGTH = 80;

/** Renders the messages from `templates/`. Handlebars is strict: a misspelt field fails at boot, not silently. */
@Injectable()
export class MessageRenderer {
  private readonly templates: Record<NotificationKind, MessageTemplate>;
  private readonly layout: Template;

  constructor(private readonly config: AppConfig) {
    this.layout = compile(read('layout.html'), true);
    this.templates = Object.fromEntries(
      NOTIFICATION_KINDS.map((kind) => [
        kind,
        {
          subject: compile(SUBJECTS[kind], false),
          html: compile(read(`${kind}.html`), true),
          text: compile(read(`${kind}.text`), false),
        },
      ]),
    ) as Record<NotificationKind, MessageTemplate>;
    for (const kind of NOTIFICATION_KINDS) this.render(kind, { name: 'Ada', locale: 'en' });
  }

  render(kind: NotificationKind, recipient: MessageRecipient): RenderedMessage {
    const { publicUrl, appUrl } = this.config.http;
    const context = {
      name: displayName(recipient.name),
      appUrl,
      portalUrl: `${publicUrl}/portal`,
      year: new Date().getFullYear(),
    };
    const template = this.templates[kind];
    const subject = template.subject(context);
    const content = template.html(context);
    return { subject, html: this.layout({ ...context, subject, content }), text: template.text(context) };
  }
}

/** A name as one line of visible characters; null when nothing is left of it. */
export function displayName(name: string | null): string | null {
  const line = (name ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return [...line].slice(0, NAME_MAX_LENGTH).join('').trim() || null;
}

function read(name: string): string {
  return readFileSync(new URL(`../templates/${name}.hbs`, import.meta.url), 'utf8');
}

function compile(source: string, html: boolean): Template {
  return Handlebars.compile(source, { strict: true, noEscape: !html });
}
