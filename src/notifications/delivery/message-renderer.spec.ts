import { describe, expect, it } from 'vitest';
import type { AppConfig } from '../../platform/config/app-config.js';
import { NOTIFICATION_KINDS } from '../notification-kind.js';
import { displayName, MessageRenderer } from './message-renderer.service.js';

const http = { appUrl: 'https://mingus.test', publicUrl: 'https://onboarding.mingus.test' };
const renderer = new MessageRenderer({ http } as AppConfig);
/** Where each message leads. */
const LINKS = {
  welcome: http.appUrl,
  onboarding_guide: http.appUrl,
  portal_access: `${http.publicUrl}/portal`,
};
const render = (kind: (typeof NOTIFICATION_KINDS)[number], name: string | null) =>
  renderer.render(kind, { name, locale: 'en' });

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

describe.each(NOTIFICATION_KINDS)('the %s message', (kind) => {
  it('greets by name', () => {
    const { html, text } = render(kind, 'Ada Lovelace');
    expect(html).toContain('Ada Lovelace');
    expect(text).toContain('Ada Lovelace');
  });

  it.each([null, '', '   ', '\u200B\u202E\r\n'])('reads well without a name: %j', (name) => {
    const { subject, html, text } = render(kind, name);

    for (const part of [subject, html, text]) {
      expect(part).not.toMatch(/null|undefined|\{\{|\}\}|\[object|Ada/);
      expect(part).not.toMatch(/(^|>)\s*,|,\s*(<\/h1>|$)|,\s*,/);
    }
    expect(text).toMatch(/^[A-Z]/);
  });

  it('is one page of HTML and a plain text that leads to the same place', () => {
    const { subject, html, text } = render(kind, 'Ada');

    expect(html).toMatch(/^<!doctype html>/);
    expect(html.match(/<html/g)).toHaveLength(1);
    expect(html).toContain(`<title>${subject}</title>`);
    expect(html).toContain(`<a class="button" href="${LINKS[kind]}"`);
    expect(text).toMatch(new RegExp(`: ${LINKS[kind]}$`, 'm'));
    expect(text).not.toMatch(/<[a-z/]/i);
    expect(html + text + subject).not.toMatch(/\{\{|\}\}/);
  });

  it('loads nothing from anywhere', () => {
    expect(render(kind, 'Ada').html).not.toMatch(/<(img|script|link|iframe)|@import|url\(/i);
  });

  it.each(NAMES)('keeps its shape when the name holds %s', (_, name) => {
    const harmless = render(kind, 'Ada');

    const { subject, html, text } = render(kind, name);

    expect(tagsOf(html)).toEqual(tagsOf(harmless.html));
    expect(text.split(/\r|\n|\u2028|\u2029/)).toHaveLength(harmless.text.split('\n').length);
    expect(subject).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
    expect([...subject].length).toBeLessThanOrEqual('Welcome to MINGUS, '.length + 80);
    for (const part of [subject, html, text]) {
      expect(part).not.toContain('49');
      expect(part).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
      expect(part.isWellFormed()).toBe(true);
    }
  });
});

describe('the subject', () => {
  it('of the welcome names the customer, as it is written', () => {
    expect(render('welcome', `O'Neil & Sons`).subject).toBe(`Welcome to MINGUS, O'Neil & Sons`);
    expect(render('welcome', null).subject).toBe('Welcome to MINGUS');
  });
});

describe('a name for display', () => {
  it.each([
    ['Ada', 'Ada'],
    ['  Ada\t Lovelace ', 'Ada  Lovelace'],
    ['Ada\r\nBcc: x', 'Ada Bcc: x'],
    ['Zoë Müller-Ångström', 'Zoë Müller-Ångström'],
    ['王小明', '王小明'],
    ['W'.repeat(81), 'W'.repeat(80)],
    ['😀'.repeat(81), '😀'.repeat(80)],
    ['\u200B\u0000\u202E', null],
    ['', null],
    [null, null],
  ])('made of %j is %j', (name, expected) => {
    expect(displayName(name)).toBe(expected);
  });
});
