import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export const isSpec = (file: string) => file.endsWith('spec.ts');
export const textOf = onceEach((file: string) => readFileSync(file, 'utf8'));

/** All TypeScript files below a folder, as paths from the root of the repository. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith('.ts') && !/(^|\/)(\.peers|node_modules)\//.test(file));
}

/** The TypeScript files of the service, without their specs. */
export const SOURCES = filesBelow('src').filter((file) => !isSpec(file));
/** All TypeScript files of the repository. */
export const EVERYTHING = ['src', 'test', 'scripts', 'bench', 'chaos'].flatMap(filesBelow);

/** `src/a/b.ts` → `a`; null for the files that wire everything together, directly in `src/`. */
export function areaOf(file: string): string | null {
  const [, area = '', ...rest] = file.split('/');
  return rest.length === 0 ? null : area;
}

/** The files of this repository that a file imports: values and types, static and dynamic. */
export const importsOf = onceEach((file: string) =>
  ts
    .preProcessFile(textOf(file), true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => normalize(join(dirname(file), fileName)).replace(/\.js$/, '.ts')),
);

/** The function with its results kept: several tests ask about the same files. */
function onceEach<T>(ask: (file: string) => T): (file: string) => T {
  const answers = new Map<string, T>();
  return (file) => {
    if (!answers.has(file)) answers.set(file, ask(file));
    return answers.get(file) as T;
  };
}
