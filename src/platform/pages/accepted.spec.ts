import { describe, expect, it } from 'vitest';
import { acceptedLanguages, prefersPage } from './accepted.js';

describe('the languages of a browser', () => {
  it.each<[string | undefined, string[]]>([
    [undefined, []],
    ['', []],
    ['es', ['es']],
    ['es-MX,es;q=0.9,en;q=0.8', ['es-MX', 'es', 'en']],
    ['en;q=0.5, es', ['es', 'en']],
    ['en;q=0, es;q=0.1', ['es']],
    ['*', []],
    ['es;q=x, en;q=2, <script>', ['en']],
    [`${'x'.repeat(10_000)},es`, ['es']],
    [Array(50).fill('es').join(','), Array(10).fill('es')],
  ])('in %j are %j', (header, expected) => {
    expect(acceptedLanguages(header)).toEqual(expected);
  });
});

describe('a client asks for a page', () => {
  const CHROMIUM =
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7';

  it.each<[string, string | undefined, boolean]>([
    ['Chromium', CHROMIUM, true],
    ['Firefox', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['Lynx', 'text/html, text/plain, text/sgml, */*;q=0.01', true],
    ['one that says which encoding', 'text/html; charset=utf-8', true],
    ['one in capitals', 'TEXT/HTML', true],
    ['one that prefers a page', 'application/json;q=0.8, text/html', true],
    ['one that prefers JSON', 'text/html;q=0.8, application/json', false],
    ['one that names JSON first', 'application/json, text/html', false],
    ['one that refuses pages', 'text/html;q=0, */*', false],
    ['a program without a header', undefined, false],
    ['a program with an empty header', '', false],
    ['curl', '*/*', false],
    ['axios', 'application/json, text/plain, */*', false],
    ['one that takes any text', 'text/*', false],
    ['an image', 'image/avif,image/webp,*/*;q=0.8', false],
    ['one with a broken quality', 'text/html;q=x', false],
    ['one with a list without end', `${'x/y,'.repeat(10_000)}text/html`, false],
  ])('%s', (_, accept, expected) => {
    expect(prefersPage(accept)).toBe(expected);
  });
});
