import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Language, LANGUAGES } from './languages.js';
import { readTranslations } from './translator.service.js';

/** Every text as `namespace:path.to.key` → text. */
function textsOf(language: string): Map<string, string> {
  const texts = new Map<string, string>();
  const walk = (node: unknown, path: string) => {
    if (typeof node === 'string') texts.set(path, node);
    else for (const [name, child] of Object.entries(node as object)) walk(child, `${path}.${name}`);
  };
  for (const [namespace, tree] of Object.entries(readTranslations()[language] ?? {})) {
    for (const [name, child] of Object.entries(tree)) walk(child, `${namespace}:${name}`);
  }
  return texts;
}

const PLURAL = /_(zero|one|two|few|many|other)$/;
const keyOf = (path: string) => path.replace(PLURAL, '');
const [model, ...others] = LANGUAGES;
const keys = [...new Set([...textsOf(model).keys()].map(keyOf))];

/** The names of the plural forms that a language needs. */
const formsIn = (language: Language) => new Intl.PluralRules(language).resolvedOptions().pluralCategories;
/** A text with all forms of its plural. */
const formsOf = (language: Language, key: string) =>
  [...textsOf(language)].filter(([path]) => keyOf(path) === key);
/** The placeholders, sorted. */
const placeholdersOf = (text: string) => (text.match(/\{\{.*?\}\}/g) ?? []).toSorted();

/** A pattern for every key in code and pages: `portal:${about}.title` allows any text in the middle. */
function keysInCode(): RegExp[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /((?<!spec)\.ts|\.hbs)$/.test(file),
  );
  const namespaces = Object.keys(readTranslations()[model] ?? {}).join('|');
  const named = new RegExp(`['"\`]((?:${namespaces}):(?:[\\w.]|\\$\\{\\w+\\})+)['"\`]`, 'g');
  const names = files.flatMap((file) =>
    [...readFileSync(join('src', file), 'utf8').matchAll(named)].map(([, key = '']) => key),
  );
  return [...new Set(names)].map((key) => new RegExp(`^${key.replace(/\$\{\w+\}/g, '\\w+')}$`));
}

describe('the translations', () => {
  it('have every key that the code names, and none that it does not', () => {
    const named = keysInCode();

    expect(keys.filter((key) => !named.some((pattern) => pattern.test(key)))).toEqual([]);
    expect(named.filter((pattern) => !keys.some((key) => pattern.test(key)))).toEqual([]);
  });

  it('are in the languages that are listed, and no others', () => {
    expect(Object.keys(readTranslations()).toSorted()).toEqual(LANGUAGES.toSorted());
  });

  it.each(others)(`in %s have the keys of ${model}, none missing and none more`, (language) => {
    expect([...new Set([...textsOf(language).keys()].map(keyOf))].toSorted()).toEqual(keys.toSorted());
  });

  it.each(LANGUAGES)('in %s have every plural form of the language', (language) => {
    const plurals = new Set([...textsOf(language).keys()].filter((path) => PLURAL.test(path)).map(keyOf));
    for (const key of plurals) {
      expect(
        formsOf(language, key)
          .map(([path]) => path)
          .toSorted(),
      ).toEqual(
        formsIn(language)
          .map((form) => `${key}_${form}`)
          .toSorted(),
      );
    }
  });

  it.each(others)(`in %s have the placeholders of ${model}`, (language) => {
    const different = keys.filter((key) => {
      const [expected = ''] = formsOf(model, key).map(([, text]) => placeholdersOf(text).join(' '));
      return formsOf(language, key).some(([, text]) => placeholdersOf(text).join(' ') !== expected);
    });
    expect(different).toEqual([]);
  });

  it.each(LANGUAGES)(
    'in %s are written: no text is empty, has white space around it or control characters',
    (language) => {
      const odd = [...textsOf(language)].filter(
        ([, text]) => text !== text.trim() || !/^[^\p{Cc}]+$/u.test(text),
      );
      expect(odd).toEqual([]);
    },
  );
});
