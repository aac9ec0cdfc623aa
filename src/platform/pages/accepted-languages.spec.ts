import { describe, expect, it } from 'vitest';
import { acceptedLanguages } from './accepted-languages.js';

describe('the languages of a browser', () => {
  it.each<[string | undefined, string[]]>([
    [undefined, []],
    ['', []],
    ['es', ['es']],
    ['es-MX,es;q=0.9,en;q=0.8', ['es-MX', 'es', 'en']],
    ['en;q=0.5, es', ['es', 'en']],
    ['en;q=0, es;q=0.1', ['es']],
    ['*', []],
    ['es;q=x, en;q=2, <script>', []],
    [`${'x'.repeat(10_000)},es`, ['es']],
    [Array(50).fill('es').join(','), Array(10).fill('es')],
  ])('in %j are %j', (header, expected) => {
    expect(acceptedLanguages(header)).toEqual(expected);
  });
});
