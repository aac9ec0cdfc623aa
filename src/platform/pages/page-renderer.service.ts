import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Handlebars from 'handlebars';
import { paletteOf } from '../brand/brand-palette.js';
import { AppConfig, type Brand } from '../config/app-config.js';
import type { LocalText, TextValues } from '../i18n/local-text.js';
import { Translator } from '../i18n/translator.service.js';
import { acceptedLanguages } from './accepted-languages.js';

/** What a page shows: a heading and the content below it. */
export interface Page {
  status: number;
  title: string;
  /** Made with {@link PageRenderer.compile}. */
  content: PageTemplate;
  /** Every field that the content names: a missing one throws. */
  fields?: Readonly<Record<string, unknown>>;
}

export type PageTemplate = Handlebars.TemplateDelegate<object>;

/**
 * Pages for people, rendered here: no script, nothing loaded but the brand's logo, not to be indexed, cached or
 * told to other sites. Templates are strict; `{{t 'namespace:key' name=value}}` is a text in the reader's language.
 */
@Injectable()
export class PageRenderer {
  private readonly handlebars = Handlebars.create();
  private readonly layout: PageTemplate;
  private readonly style: string;
  private readonly headers: Record<string, string>;

  constructor(
    private readonly config: AppConfig,
    private readonly translator: Translator,
  ) {
    this.handlebars.registerHelper('t', (key: string, { hash, data }: Handlebars.HelperOptions) =>
      (data.root as { text: LocalText }).text.t(key, hash as TextValues),
    );
    this.layout = this.compile(new URL('layout.html.hbs', import.meta.url));
    this.style = styleOf(config.brand);
    this.headers = {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policyFor(this.style, config.brand.logoUrl),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    };
  }

  /** A template for the content of pages, read once. */
  compile(file: URL): PageTemplate {
    return this.handlebars.compile(readFileSync(file, 'utf8'), { strict: true });
  }

  /** Texts in the reader's language: the first that we speak of the given ones, then of the browser's. */
  textsFor({ headers }: FastifyRequest, locales: readonly string[] = []): LocalText {
    return this.translator.for([...locales, ...acceptedLanguages(headers['accept-language'])]);
  }

  send(reply: FastifyReply, text: LocalText, page: Page): void {
    void reply.status(page.status).headers(this.headers).send(this.render(text, page));
  }

  /** The HTML. */
  render(text: LocalText, { title, content, fields }: Page): string {
    const { name, supportEmail, logoUrl = null } = this.config.brand;
    const context = { text, brand: { name, supportEmail, logoUrl }, title };
    return this.layout({ ...context, style: this.style, content: content({ ...context, ...fields }) });
  }
}

function styleOf({ color }: Brand): string {
  const { button, buttonText, link, linkDark } = paletteOf(color);
  const colors = `--button:${button};--button-text:${buttonText};--link:${link};--link-dark:${linkDark}`;
  return `:root{${colors}}${readFileSync(new URL('page.css', import.meta.url), 'utf8')}`;
}

/**
 * Says nothing of `form-action`: Chromium applies it to where the answer to a form redirects to as well, and
 * Stripe's portal can be on a domain of one's own.
 */
function policyFor(style: string, logoUrl: string | undefined): string {
  const digest = createHash('sha256').update(style).digest('base64');
  const images = logoUrl ? [`img-src ${new URL(logoUrl).origin}`] : [];
  return [
    `default-src 'none'`,
    `style-src 'sha256-${digest}'`,
    ...images,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}
