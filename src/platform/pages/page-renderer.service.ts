import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Handlebars from 'handlebars';
import { paletteOf } from '../brand/brand-palette.js';
import { BrandSettings } from '../brand/brand.settings.js';
import { HttpSettings } from '../http/http.settings.js';
import type { LocalText, TextValues } from '../i18n/local-text.js';
import { Translator } from '../i18n/translator.service.js';
import { acceptedLanguages } from './accepted.js';

/** A page: a heading and the content below it. */
export interface Page {
  status: number;
  title: string;
  /** Made with {@link PageRenderer.compile}. */
  content: PageTemplate;
  /** The fields of the content; a missing one throws. */
  fields?: Readonly<Record<string, unknown>>;
}

/** The default path of icons in browsers. */
export const ICON_PATH = '/favicon.ico';

export type PageTemplate = Handlebars.TemplateDelegate<object>;

/**
 * Renders pages for people. They have no script, load only the logo of the brand and the icon, and must not
 * be indexed, cached or sent as a referrer to other sites. Templates are strict; `{{t 'namespace:key'
 * name=value}}` is a text in the reader's language.
 */
@Injectable()
export class PageRenderer {
  private readonly handlebars = Handlebars.create();
  private readonly layout: PageTemplate;
  private readonly style: string;
  private readonly headers: Record<string, string>;
  /** The path prefix that a proxy removes. */
  private readonly prefix: string;

  constructor(
    private readonly brand: BrandSettings,
    { publicUrl }: HttpSettings,
    private readonly translator: Translator,
  ) {
    this.handlebars.registerHelper('t', (key: string, { hash, data }: Handlebars.HelperOptions) =>
      (data.root as { text: LocalText }).text.t(key, hash as TextValues),
    );
    this.prefix = new URL(publicUrl).pathname.replace(/\/$/, '');
    this.layout = this.compile(new URL('layout.html.hbs', import.meta.url));
    this.style = styleOf(brand);
    this.headers = {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policyFor(this.style, brand.logoUrl),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    };
  }

  /** A template for the content of pages, read once. */
  compile(file: URL): PageTemplate {
    return this.handlebars.compile(readFileSync(file, 'utf8'), { strict: true });
  }

  /**
   * Texts in the language of the reader: the first supported one of the given locales, then of the browser's
   * languages.
   */
  textsFor({ headers }: FastifyRequest, locales: readonly string[] = []): LocalText {
    return this.translator.for([...locales, ...acceptedLanguages(headers['accept-language'])]);
  }

  /**
   * A path for links and forms of a page.
   * @param path with its leading slash
   */
  pathTo(path: string): string {
    return this.prefix + path;
  }

  send(reply: FastifyReply, text: LocalText, page: Page): void {
    void reply.status(page.status).headers(this.headers).send(this.render(text, page));
  }

  /** Renders a page as HTML. */
  render(text: LocalText, { title, content, fields }: Page): string {
    const { name, supportEmail, logoUrl = null } = this.brand;
    const context = { text, brand: { name, supportEmail, logoUrl }, title };
    return this.layout({
      ...context,
      style: this.style,
      icon: this.pathTo(ICON_PATH),
      content: content({ ...context, ...fields }),
    });
  }
}

function styleOf({ color }: BrandSettings): string {
  const { button, buttonText, link, linkDark } = paletteOf(color);
  const colors = `--button:${button};--button-text:${buttonText};--link:${link};--link-dark:${linkDark}`;
  return `:root{${colors}}${readFileSync(new URL('page.css', import.meta.url), 'utf8')}`;
}

/**
 * The policy has no `form-action`, because Chromium applies it also to redirects after a form, and Stripe's
 * portal can be on a custom domain.
 */
function policyFor(style: string, logoUrl: string | undefined): string {
  const digest = createHash('sha256').update(style).digest('base64');
  const logo = logoUrl ? [new URL(logoUrl).origin] : [];
  return [
    `default-src 'none'`,
    `style-src 'sha256-${digest}'`,
    ['img-src', `'self'`, ...logo].join(' '),
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}
