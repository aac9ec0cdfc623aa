import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SCRIPTS = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> })
  .scripts;
/** Commands that are run before the development dependencies are removed. */
const UNTIL_PRUNED = /^npm ci\b[^`]*?^npm prune --omit=dev/gm;
/** Lines of the documents that are not about a production install contain one of these. */
const ELSEWHERE = /checkout|before `npm prune`|npm prune --omit=dev|bench\/RESULTS/;

/** The texts that a file of the service may print: its string literals. */
function textsOf(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

/** The commands in a text that are missing in a production install (`npm prune --omit=dev`). */
function commandsThatFail(text: string): string[] {
  const scripts = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name);
  const files = [...text.matchAll(/node (dist\/[\w/.-]+\.js)/g)].map(([, file = '']) => file);
  return [
    ...scripts.filter((name) => !/^(exec )?node /.test(SCRIPTS[name] ?? '')),
    ...files.filter((file) => !existsSync(file.replace('dist', 'src').replace('.js', '.ts'))),
    ...(/\b(npx(?! mingus)|tsx|vitest|nest) [a-z]/.exec(text) ?? []),
  ];
}

describe('every command documented for a production install', () => {
  it('works without dev dependencies, in the texts of the service', () => {
    const failing = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((path) => /(?<!\.spec)\.ts$/.test(path) && !path.startsWith('platform/development'))
      .map((path) => join('src', path))
      .flatMap((path) =>
        textsOf(path)
          .flatMap(commandsThatFail)
          .map((command) => `${path}: ${command}`),
      );

    expect(failing).toEqual([]);
  });

  it.each(['docs/runbook.md', 'docs/production.md', 'ops/prometheus/alerts.yml', 'compose.yaml'])(
    'works without dev dependencies, in %s',
    (path) => {
      const text = readFileSync(path, 'utf8').replaceAll(UNTIL_PRUNED, '');
      const lines = text.split('\n');

      expect(lines.filter((line) => !ELSEWHERE.test(line)).flatMap(commandsThatFail)).toEqual([]);
    },
  );
});
