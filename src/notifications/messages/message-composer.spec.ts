import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import { BrandSettings } from '../../platform/brand/brand.settings.js';
import { HttpSettings } from '../../platform/http/http.settings.js';
import { I18nSettings } from '../../platform/i18n/i18n.settings.js';
import { LANGUAGES } from '../../platform/i18n/languages.js';
import { Translator } from '../../platform/i18n/translator.service.js';
import { testEnvironment } from '../../../test/support/test-app.js';
import { NOTIFICATION_KINDS, type NotificationKind } from '../notification-kind.js';
import { MessageComposer, type MessageLinks, type MessageRecipient } from './message-composer.service.js';
import { SAMPLE_CUSTOMERS } from './sample-customers.js';

const APP_URL = 'https://mingus.test/app';
const PORTAL_URL = 'https://onboarding.mingus.test/portal';
/** The target of each message's button. */
const TARGETS = {
  welcome: APP_URL,
  onboarding_guide: APP_URL,
  portal_access: PORTAL_URL,
  portal_link: PORTAL_URL,
};

function composerWith(env: Record<string, string> = {}): MessageComposer {
  const given = testEnvironment('postgres://localhost/none', 25, { APP_URL, ...env });
  const translator = new Translator(new I18nSettings(given));
  return new MessageComposer(new BrandSettings(given), new HttpSettings(given), translator);
}
const composer = composerWith();

/** @param recipient overrides fields of the ordinary sample customer */
function compose(
  kind: NotificationKind,
  recipient: Partial<MessageRecipient> = {},
  links: MessageLinks = {},
  by = composer,
) {
  const to = { ...SAMPLE_CUSTOMERS.ordinary, ...recipient };
  return by.compose(by.builtInFor(kind, by.languageFor(to)), to, links);
}

const EVERY_MESSAGE = NOTIFICATION_KINDS.flatMap((kind) =>
  LANGUAGES.map((locale) => [kind, locale] as const),
);

const escaped = (text: string) => Handlebars.escapeExpression(text);
const tagsOf = (html: string) => html.match(/<[^>]*>/g);
const NAMES: [string, string][] = [
  ['a template expression', '{{7*7}} {{appUrl}} {{{content}}} {{#each this}}x{{/each}}'],
  ['a script', '<script>alert(1)</script>'],
  ['an attribute breaking out', '"><img src=x onerror=alert(1)>'],
  ['an entity', '&lt;script&gt;&amp;'],
  ['a header line', 'Ada\r\nBcc: eve@example.com\r\n\r\n<p>'],
  ['line ends of all kinds', 'a\nb\rc\u2028d\u2029e\u0085f\vg'],
  ['a right-to-left override', 'Ada \u202Etxt.exe\u202C'],
  ['NUL and lone surrogates', 'A\u0000d\uD83Da\uDE00'],
  ['commas and angle brackets', 'victim@example.com, Eve <eve@example.com>'],
  ['a template literal', '${process.env.HOME}'],
  ['500 characters', 'W'.repeat(500)],
  ['500 emoji', '😀'.repeat(500)],
];

describe.each(EVERY_MESSAGE)('the %s message in %s', (kind, locale) => {
  it('reads well with and without a name', () => {
    expect(compose(kind, { locale, name: 'Zoë' }).text).toMatch(/^\P{Ll}/u);

    for (const name of [null, '', '   ', '\u200B\u202E\r\n']) {
      const { subject, html, text } = compose(kind, { locale, name });
      for (const part of [subject, html, text]) {
        expect(part).not.toMatch(/\bnull\b|undefined|\{\{|\}\}|\[object/);
        expect(part).not.toMatch(/(^|>)\s*,|,\s*(<\/h1>|$)|,\s*,/m);
      }
      expect(text).toMatch(/^\p{Lu}/u);
    }
  });

  it('says its language, its title, and what it is about in one first heading', () => {
    const { subject, html } = compose(kind, { locale });

    expect(html).toMatch(/^<!doctype html>/);
    expect(html.match(/<html lang="([a-z]+)" dir="ltr"/)?.[1]).toBe(locale);
    expect(html).toContain(`<title>${subject}</title>`);
    expect(html.match(/<h\d/g)).toEqual(['<h1']);
    expect(html).toMatch(/role="article"/);
  });

  it('has tables for its layout alone', () => {
    const { html } = compose(kind, { locale });
    const tables = html.replaceAll(/<!--\[if.*?endif\]-->/gs, '').match(/<table[^>]*>/g) ?? [];
    expect(tables.length).toBeGreaterThan(5);
    expect(tables.filter((table) => !table.includes('role="presentation"'))).toEqual([]);
  });

  it('leads to the same place in HTML and in plain text', () => {
    const { html, text } = compose(kind, { locale });

    expect(html).toContain(`href="${TARGETS[kind]}"`);
    expect(text).toMatch(new RegExp(`: ${TARGETS[kind]}$`, 'm'));
    expect(text).not.toMatch(/<[a-z/]/i);
  });

  it('loads nothing from anywhere', () => {
    expect(compose(kind, { locale }).html).not.toMatch(/<(img|script|link|iframe)|@import|url\(/i);
  });

  it('says why one gets it, where to ask, and offers a choice where there is one', () => {
    const links = { preferencesUrl: 'https://p.test/x', unsubscribeUrl: 'https://u.test/y?a=1&b=2' };
    const without = compose(kind, { locale });
    const { html, text } = compose(kind, { locale }, links);

    for (const part of [html, text]) {
      expect(part).toContain('ada@example.com');
      expect(part).toContain('hello@mingus.test');
      expect(part).toContain(links.preferencesUrl);
    }
    expect(text).toContain(links.unsubscribeUrl);
    expect(html).toContain('href="https://u.test/y?a&#x3D;1&amp;b&#x3D;2"');
    expect(without.html + without.text).not.toMatch(/Unsubscribe|Darse de baja/);
  });

  it.each(NAMES)('keeps its shape when the name holds %s', (_, name) => {
    const harmless = compose(kind, { locale });

    const { subject, html, text } = compose(kind, { locale, name });

    expect(tagsOf(html)).toEqual(
      tagsOf(harmless.html)?.map((tag) => tag.replace(harmless.subject, escaped(subject))),
    );
    expect(text.split(/\r|\n|\u2028|\u2029/)).toHaveLength(harmless.text.split('\n').length);
    expect([...subject].length).toBeLessThanOrEqual('Te damos la bienvenida a MINGUS, '.length + 80);
    for (const part of [subject, html, text]) {
      expect(part).not.toContain('49');
      expect(part).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
      expect(part.isWellFormed()).toBe(true);
    }
  });
});

describe('a message', () => {
  it.each([
    ['en-US', [], 'Welcome to MINGUS, Ada', 'Customer since: November 24, 2026', 'Billed in: Euro'],
    ['en-GB', [], 'Welcome to MINGUS, Ada', 'Customer since: 24 November 2026', 'Billed in: Euro'],
    ['es-MX', [], 'Te damos la bienvenida a MINGUS, Ada', 'Cliente desde: 24 de noviembre de 2026', 'euro'],
    ['fr', ['de', 'es'], 'Te damos la bienvenida a MINGUS, Ada', 'Cliente desde: 24 de noviembre', 'euro'],
    ['fr', [], 'Welcome to MINGUS, Ada', 'Customer since: November 24, 2026', 'Billed in: Euro'],
  ])(
    'for preferences %s and Stripe locales %j is in the right language',
    (locale, preferredLocales, ...expected) => {
      const { subject, text } = compose('welcome', { locale, preferredLocales, name: 'Ada' });

      const [expectedSubject, ...lines] = expected;
      expect(subject).toBe(expectedSubject);
      for (const line of lines) expect(text).toContain(line);
    },
  );

  it('is in the default language for a customer whose languages have no texts', () => {
    const spanish = composerWith({ DEFAULT_LOCALE: 'es-AR' });
    expect(compose('portal_access', { locale: 'fr' }, {}, spanish)).toMatchObject({
      locale: 'es-AR',
      subject: 'Tu portal de facturación de MINGUS',
    });
  });

  it('counts its steps in words that fit', () => {
    expect(compose('onboarding_guide', { name: 'Ada' }).text).toContain('Ada, here are 4 small steps');
    expect(compose('onboarding_guide', { name: null, locale: 'es' }).text).toContain(
      'Estos son 4 pequeños pasos',
    );
  });

  it('leads to the portal by the link that was made for it', () => {
    const portalUrl = 'https://onboarding.mingus.test/portal/secret';
    const { html, text } = compose('portal_access', {}, { portalUrl });
    expect(html).toContain(`href="${portalUrl}"`);
    expect(text).toContain(portalUrl);
  });

  it('carries the brand: its name, logo, colour, and where it is to be found', () => {
    const brand = composerWith({
      BRAND_NAME: 'Min & Gus',
      BRAND_LOGO_URL: 'https://cdn.test/logo.png',
      BRAND_COLOR: '#ffcc00',
      SUPPORT_EMAIL: 'help@mingus.test',
      POSTAL_ADDRESS: '1 Main Street, Springfield',
    });

    const { subject, html, text } = compose('portal_access', {}, {}, brand);

    expect(subject).toBe('Your Min & Gus billing portal');
    expect(html).toContain('<img src="https://cdn.test/logo.png" alt="Min &amp; Gus"');
    expect(html).toMatch(/background:#ffcc00;color:#000000/);
    for (const part of [html, text]) {
      expect(part).toContain('help@mingus.test');
      expect(part).toContain('1 Main Street, Springfield');
    }
  });

  it('shows a name in its subject as it is written', () => {
    expect(compose('welcome', { name: `O'Neil & Sons` }).subject).toBe(`Welcome to MINGUS, O'Neil & Sons`);
    expect(compose('welcome', { name: null }).subject).toBe('Welcome to MINGUS');
  });

  it('fails for a customer it cannot be written for, rather than saying something wrong', () => {
    expect(() => compose('welcome', { timezone: 'Mars/Olympus' })).toThrow(RangeError);
  });
});
