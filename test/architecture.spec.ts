import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { READ_MODELS } from './read-models.js';
import { areaOf, EVERYTHING, importsOf, isSpec, SOURCES, textOf } from './support/sources.js';

/** Each folder of src/ is a module, but for these. */
const NOT_FEATURES = new Set(['cli', 'events', 'platform', 'translations']);
const FEATURES = readdirSync('src', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !NOT_FEATURES.has(entry.name))
  .map(({ name }) => name);

/** Modules that stand on others, and why. Those below import nothing of them. */
const STANDS_ON: Record<string, { modules: string[]; because: string }> = {
  automations: {
    modules: ['integrations', 'segments'],
    because: 'the conditions of automations are rules of segments, and their actions are deliveries',
  },
};

/** The imports of an area's files from outside of it, except `allowed` areas, as `file → imported file`. */
function crossings(area: string, allowed: readonly string[]): string[] {
  return SOURCES.filter((file) => areaOf(file) === area).flatMap((file) => {
    const exceptions = READ_MODELS[file.slice('src/'.length)]?.imports ?? [];
    const isAllowed = (target: string | null) =>
      target === area || allowed.includes(target ?? '') || exceptions.includes(target ?? '');
    return importsOf(file)
      .filter((imported) => !imported.startsWith('src/') || !isAllowed(areaOf(imported)))
      .map((imported) => `${file} → ${imported}`);
  });
}

describe('the modules form a star', () => {
  it('of the folders in src/ and no others', () => {
    const areas = new Set(SOURCES.map(areaOf).filter((area) => area !== null));
    expect([...areas].toSorted()).toEqual([...FEATURES, 'cli', 'events', 'platform'].toSorted());
  });

  it.each(FEATURES)('%s imports only itself, events/, platform/ and the read models listed here', (area) => {
    expect(crossings(area, ['events', 'platform', ...(STANDS_ON[area]?.modules ?? [])])).toEqual([]);
  });

  it('platform/ imports only itself and events/', () => {
    expect(crossings('platform', ['events'])).toEqual([]);
  });

  it('events/ imports nothing but itself', () => {
    const imports = SOURCES.filter((file) => areaOf(file) === 'events').flatMap((file) =>
      ts.preProcessFile(textOf(file)).importedFiles.map(({ fileName }) => fileName),
    );
    expect(imports.filter((name) => !/^\.{1,2}\/[^/]+$/.test(name))).toEqual([]);
  });

  it('settings are declared with nothing that takes long to load', () => {
    const loaded = new Set(['src/settings.ts']);
    for (const file of loaded) for (const imported of importsOf(file)) loaded.add(imported);
    const packages = [...loaded].flatMap((file) =>
      ts
        .preProcessFile(textOf(file))
        .importedFiles.map(({ fileName }) => fileName)
        .filter((name) => !/^(\.|node:)/.test(name)),
    );
    const light = ['class-validator', 'graphile-worker/dist/cronMatcher.js', 'ipaddr.js'];
    expect([...new Set(packages)].toSorted()).toEqual(light);
  });

  it('no module imports cli/, which starts the application as main.ts does', () => {
    const importers = SOURCES.filter((file) => areaOf(file) !== 'cli').filter((file) =>
      importsOf(file).some((imported) => areaOf(imported) === 'cli'),
    );
    expect(importers).toEqual([]);
  });

  it('and every exception from it is in use', () => {
    const unused = Object.entries(READ_MODELS).flatMap(([file, { imports }]) => {
      const used = new Set(importsOf(join('src', file)).map(areaOf));
      return imports.filter((area) => !used.has(area)).map((area) => `${file} → ${area}`);
    });
    expect(unused).toEqual([]);
  });
});

/** The floors of `webhooks/`, lowest first: a folder imports only floors below its own. */
const FLOORS = [
  ['stripe'],
  ['decision'],
  ['inbox'],
  ['intake', 'stored-events', 'reconciliation', 'watchdog'],
];

/** For each folder of an area the folders it imports, with an import as evidence. Module and settings files stand outside. */
function foldersOf(area: string): Map<string, Map<string, string>> {
  const folders = new Map<string, Map<string, string>>();
  const isInside = (file: string) => areaOf(file) === area && !/\.(module|settings)\.ts$/.test(file);
  for (const file of SOURCES.filter(isInside)) {
    const imported = folders.get(dirname(file)) ?? new Map<string, string>();
    folders.set(dirname(file), imported);
    for (const target of importsOf(file).filter(isInside)) {
      if (dirname(target) !== dirname(file)) imported.set(dirname(target), `${file} → ${target}`);
    }
  }
  return folders;
}

/** The imports of the shortest way from a folder back to itself; null where there is no way. */
function cycleThrough(start: string, folders: ReturnType<typeof foldersOf>): string | null {
  const ways = new Map<string, string[]>([[start, []]]);
  for (const [folder, way] of ways) {
    for (const [next, evidence] of folders.get(folder) ?? []) {
      if (next === start) return [...way, evidence].join(', ');
      if (!ways.has(next)) ways.set(next, [...way, evidence]);
    }
  }
  return null;
}

describe('arrows between folders run one way', () => {
  it.each([...FEATURES, 'platform'])('the folders of %s form no cycle', (area) => {
    const folders = foldersOf(area);
    const cycles = [...folders.keys()].map((folder) => cycleThrough(folder, folders));
    expect(cycles.filter((cycle) => cycle !== null)).toEqual([]);
  });

  it('the delivery engine imports no channel', () => {
    const engine = /^src\/notifications\/(delivery|channels|limits)\//;
    const imports = SOURCES.filter((file) => engine.test(file) && !isSpec(file)).flatMap((file) =>
      importsOf(file)
        .filter((target) => /^src\/notifications\/(email|in-app)\//.test(target))
        .map((target) => `${file} → ${target}`),
    );
    expect(imports).toEqual([]);
  });

  it('webhooks/ imports downwards only, and floors hold all of its folders', () => {
    const floorOf = (file: string) => FLOORS.findIndex((rooms) => rooms.includes(file.split('/')[2] ?? ''));
    const files = SOURCES.filter((file) => areaOf(file) === 'webhooks' && file.split('/').length > 3);
    const upwards = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => areaOf(target) === 'webhooks' && target.split('/')[2] !== file.split('/')[2])
        .filter((target) => floorOf(target) >= floorOf(file))
        .map((target) => `${file} → ${target}`),
    );
    expect(upwards).toEqual([]);
    expect(files.filter((file) => floorOf(file) === -1)).toEqual([]);
  });
});

describe('a readable size', () => {
  it('is at most 60 lines a module file, but for the table of contents', () => {
    const modules = SOURCES.filter((file) => file.endsWith('.module.ts') && file !== 'src/app.module.ts');
    const tooLong = modules.filter((file) => textOf(file).trimEnd().split('\n').length > 60);
    expect(tooLong).toEqual([]);
  });

  it('is at most 300 lines a file', () => {
    const tooLong = EVERYTHING.filter((file) => textOf(file).trimEnd().split('\n').length > 300);
    expect(tooLong.filter((file) => !file.includes('/migrations/'))).toEqual([]);
  });

  it('is at most 5 constructor parameters', () => {
    const tooMany: string[] = [];
    for (const file of SOURCES) {
      const visit = (node: ts.Node): void => {
        if (ts.isConstructorDeclaration(node) && node.parameters.length > 5) tooMany.push(file);
        ts.forEachChild(node, visit);
      };
      visit(ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest));
    }
    expect(tooMany).toEqual([]);
  });

  it('is at most 16 files in a folder, beside the specs of what it holds', () => {
    const counted = EVERYTHING.filter((file) => !(file.startsWith('src/') && isSpec(file)));
    const folders = counted.filter((file) => !file.includes('/migrations/')).map(dirname);
    const isFull = (folder: string) => folders.filter((other) => other === folder).length > 16;
    expect([...new Set(folders)].filter(isFull)).toEqual([]);
  });
});

describe('what is never written', () => {
  const linesWith = (files: readonly string[], pattern: RegExp) =>
    files.flatMap((file) =>
      textOf(file)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    );
  const others = EVERYTHING.filter((file) => basename(file) !== 'architecture.spec.ts');

  it('is a file whose name says nothing', () => {
    const empty = /^(utils?|helpers?|common|index|misc|base|manager|types|constants|shared)\./;
    expect(EVERYTHING.filter((file) => empty.test(basename(file)))).toEqual([]);
  });

  it('is a listener or an emitter past platform/facts: there, errors of listeners surface', () => {
    const elsewhere = others.filter((file) => !file.startsWith('src/platform/facts/'));
    expect(linesWith(elsewhere, /@OnEvent\b|\bemitAsync\b|\bEventEmitter2\b/)).toEqual([]);
  });

  it('is the name of a private table of the job engine outside of engine.queries.ts', () => {
    const elsewhere = SOURCES.filter((file) => file !== 'src/platform/jobs/engine.queries.ts');
    expect(linesWith(elsewhere, /graphile_worker\._private/)).toEqual([]);
  });

  it('is a schema that synchronises itself', () => {
    expect(linesWith(others, /synchronize['"]?\s*[:=](?!\s*false)/)).toEqual([]);
  });

  it('is a line to the console from the service', () => {
    expect(linesWith(SOURCES, /\bconsole\./)).toEqual([]);
  });

  it('is a TODO without the number of its issue', () => {
    expect(linesWith(others, /\b(TODO|FIXME|XXX|HACK)\b(?!.*#\d+)/)).toEqual([]);
  });

  it('is a test that is skipped or alone', () => {
    expect(linesWith(others.filter(isSpec), /\b(it|describe|test)\.(only|skip|todo)\b/)).toEqual([]);
  });

  it('is a comparison of secrets whose time depends on where they differ', () => {
    const guards = [
      'src/webhooks/stripe/stripe-signature.ts',
      'src/access/api-key-ring.service.ts',
      'src/platform/message-links/signed-tokens.service.ts',
    ];
    for (const file of guards) expect(textOf(file)).toMatch(/\btimingSafeEqual\(/);
    expect(linesWith(guards, /[!=]==?\s*(signature|expected|adminApiKey|secret)\b|\.equals\(/)).toEqual([]);
  });
});
