import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { BrandSettings } from '../../platform/brand/brand.settings.js';
import { BACKGROUND, paletteOf } from '../../platform/brand/brand-palette.js';
import type { LocalText } from '../../platform/i18n/local-text.js';
import type { Block, MessageContent } from './content/message-content.js';

/** The footer of a message. */
export interface Foot {
  reason: string;
  help: string;
  links: { label: string; url: string }[];
}

type Template = Handlebars.TemplateDelegate<object>;

/** The layout of all messages. It puts content and footer into HTML and into plain text. */
export class MessageFrame {
  private readonly html: Template;
  private readonly body: Template;
  private readonly foot: Template;
  private readonly look: object;

  constructor(brand: BrandSettings) {
    const { name, logoUrl = null, postalAddress = null } = brand;
    this.look = {
      brand: { name, logoUrl, postalAddress },
      palette: paletteOf(brand.color),
      background: BACKGROUND,
    };
    const handlebars = Handlebars.create();
    handlebars.registerHelper(
      'block',
      function (this: Block, type: string, options: Handlebars.HelperOptions) {
        return this.type === type ? options.fn(this) : '';
      },
    );
    const compile = (file: string, noEscape: boolean) =>
      handlebars.compile<object>(readFileSync(new URL(file, import.meta.url), 'utf8'), {
        strict: true,
        noEscape,
      });
    this.html = compile('./compiled/layout.html.hbs', false);
    this.body = compile('./layout.text.hbs', true);
    this.foot = compile('./foot.text.hbs', true);
  }

  /** @param targetOf returns the URL of a button or link */
  put(
    { subject, preheader, blocks }: MessageContent,
    foot: Foot,
    { locale, dir }: LocalText,
    targetOf: (url: string) => string,
  ): { html: string; body: string; text: string } {
    const context = {
      ...this.look,
      ...foot,
      lang: locale,
      dir,
      start: dir === 'rtl' ? 'right' : 'left',
      subject,
      preheader,
      blocks: blocks.map((block, index) => toView(block, blocks.slice(0, index), targetOf)),
    };
    const body = tidy(this.body(context));
    return { html: this.html(context), body, text: `${body}\n${tidy(this.foot(context))}` };
  }
}

function tidy(text: string): string {
  return `${text.replaceAll(/\n{3,}/g, '\n\n').trim()}\n`;
}

/** A block with the additional fields of the layout. The first heading is the message's main heading. */
function toView(block: Block, before: readonly Block[], targetOf: (url: string) => string): object {
  switch (block.type) {
    case 'heading':
      return before.some(({ type }) => type === 'heading')
        ? { ...block, level: 2, fontSize: 20, lineHeight: 28 }
        : { ...block, level: 1, fontSize: 28, lineHeight: 36 };
    case 'steps':
      return { ...block, steps: block.steps.map((step, index) => ({ ...step, number: index + 1 })) };
    case 'button':
    case 'link':
      return { ...block, url: targetOf(block.url) };
    default:
      return block;
  }
}
