import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** Folders and files whose texts are in plain words. */
const PLAIN = ['src', 'test', 'bench', 'chaos', 'scripts', 'docs', 'README.md', 'CONTRIBUTING.md'];

/** Words that make a reader ask "who?" or that describe software as a person. */
const RIDDLES = [
  /\b(no|some|any)body('s)?\b/,
  /\bwho(ever|m|mever)\b/,
  /\b(tells?|told|telling)\b/,
  /\b(anew|meanwhile|whatever|in vain|for so long)\b/,
  /\b(forgets?|forgot|forgotten|forgetting)\b/,
  /\b(come|comes|came|coming) to nothing\b/,
  /\bma(k|d)e(s)? good\b/,
  /\bof (its|their|our) own accord\b/,
  /\b(is|are|was|were) let in\b/,
];

/** Real uses: a part of the sentence, and why it stays. */
const EXCEPTIONS: Record<string, string> = {
  'else `nobody`': 'the user of the operating system',
  'Forgotten Email Not Subscribed': 'the title of a problem of Mailchimp',
  '"postgres" or "nobody"': 'the same',
  '`told` is': 'a field of the stored facts',
};

const isSkipped = (path: string) => /(^|\/)(\.peers|node_modules|baselines)\//.test(path);

function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((file) => join(path, file))
    .filter((file) => ['.ts', '.md'].includes(extname(file)) && !isSkipped(file));
}

/** The comments of a TypeScript file, and its texts. The SQL of migrations is left out: it must not change. */
function textsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  if (extname(file) === '.md') return text.split('\n');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const texts: string[] = [];
  const seen = new Set<number>();
  const addComments = (position: number) => {
    for (const { pos, end } of ts.getLeadingCommentRanges(text, position) ?? []) {
      if (!seen.has(pos)) texts.push(text.slice(pos, end).replace(/\s*\n\s*(\*|\/\/)?\s*/g, ' '));
      seen.add(pos);
    }
  };
  const visit = (node: ts.Node): void => {
    addComments(node.getFullStart());
    if (file.includes('/migrations/')) return void ts.forEachChild(node, visit);
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      if (node.text.includes(' ')) texts.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

function riddlesIn(text: string): string[] {
  const plain = Object.keys(EXCEPTIONS).reduce((rest, exception) => rest.replace(exception, ''), text);
  return RIDDLES.flatMap((riddle) => new RegExp(riddle, 'i').exec(plain)?.[0] ?? []);
}

const TEXTS = PLAIN.map((path) => ({
  path,
  texts: filesOf(path)
    .filter((file) => file !== 'test/plain-words.spec.ts')
    .flatMap((file) => textsOf(file).map((text) => ({ file, text }))),
}));

describe('comments, documents and messages', () => {
  it.each(TEXTS)('of $path are in plain words', ({ texts }) => {
    const found = texts.flatMap(({ file, text }) =>
      riddlesIn(text).map((word) => `${file}: "${word}" in: ${text.trim().slice(0, 160)}`),
    );
    expect(found).toEqual([]);
  });

  it('need every exception', () => {
    const all = TEXTS.flatMap(({ texts }) => texts.map(({ text }) => text));
    const unused = Object.keys(EXCEPTIONS).filter(
      (exception) => !all.some((text) => text.includes(exception)),
    );
    expect(unused).toEqual([]);
  });

  it.each([
    ['Nobody is told.', ['Nobody', 'told']],
    ['Whoever asks, asks anew.', ['Whoever', 'anew']],
    ['The caller retries.', []],
  ])('are tested: %j', (text, words) => {
    expect(riddlesIn(text)).toEqual(words);
  });
});
