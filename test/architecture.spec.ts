import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const FEATURES = [
  'access',
  'webhooks',
  'customers',
  'notifications',
  'portal',
  'lifecycle',
  'analytics',
  'audit',
  'monitoring',
];

/**
 * Where one feature may look into another, and why. Everything here reads; what happens to a customer
 * goes through `events/` alone.
 */
const READ_MODELS: Record<string, { imports: string[]; because: string }> = {
  'customers/customer-view.service.ts': {
    imports: ['audit', 'lifecycle', 'notifications', 'portal'],
    because: 'the admin view shows a customer with everything the other modules keep of it',
  },
  'customers/customer.dto.ts': {
    imports: ['notifications'],
    because: 'the admin view shows notifications in the shape of their own endpoint',
  },
  'customers/customers.module.ts': {
    imports: ['notifications'],
    because: "the admin view asks the notifications' service",
  },
  'webhooks/decision/known-state-reader.service.ts': {
    imports: ['customers'],
    because: 'a decision needs the MINGUS user, and only customers/users knows from which table',
  },
  'webhooks/reconciliation/drift/drift-detector.service.ts': {
    imports: ['customers'],
    because: 'it compares customers as stored with those that Stripe lists',
  },
  'webhooks/webhooks.module.ts': {
    imports: ['customers'],
    because: 'it provides the source of users to the reader above',
  },
  'monitoring/readiness-checks.service.ts': {
    imports: ['notifications'],
    because: 'readiness tells whether the mail server can be reached, and the sender holds its connections',
  },
  'monitoring/alerts/routes/email.route.ts': {
    imports: ['notifications'],
    because: 'alerts leave by the one way out for mail',
  },
  'monitoring/alerts/routes/alert-notices.service.ts': {
    imports: ['notifications'],
    because: 'it hands the mail sender to the route above',
  },
  'monitoring/alerts/alerts.module.ts': {
    imports: ['notifications'],
    because: 'it provides the mail sender to the route above',
  },
  'monitoring/monitoring.module.ts': {
    imports: ['notifications'],
    because: 'it provides the mail sender to the checks above',
  },
};

const isSpec = (file: string) => file.endsWith('spec.ts');
const textOf = (file: string) => readFileSync(file, 'utf8');

/** All TypeScript files below a folder, as paths from the root of the repository. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith('.ts') && !/(^|\/)(\.peers|node_modules)\//.test(file));
}

const SOURCES = filesBelow('src').filter((file) => !isSpec(file));
const EVERYTHING = ['src', 'test', 'scripts', 'bench', 'chaos'].flatMap(filesBelow);

/** `src/a/b.ts` → `a`; null for the files that wire everything together, directly in `src/`. */
function areaOf(file: string): string | null {
  const [, area = '', ...rest] = file.split('/');
  return rest.length === 0 ? null : area;
}

/** The files of this repository that a file imports: values and types, static and dynamic. */
function importsOf(file: string): string[] {
  return ts
    .preProcessFile(textOf(file), true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => normalize(join(dirname(file), fileName)).replace(/\.js$/, '.ts'));
}

/** What each file of an area imports from outside of it, but for `allowed` areas: `file → imported file`. */
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
    expect(crossings(area, ['events', 'platform'])).toEqual([]);
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

  it('nobody imports cli/, which starts the application as main.ts does', () => {
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

describe('a size that one can read', () => {
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

  it('is at most a dozen files in a folder, beside the specs of what it holds', () => {
    const counted = EVERYTHING.filter((file) => !(file.startsWith('src/') && isSpec(file)));
    const folders = counted.filter((file) => !file.includes('/migrations/')).map(dirname);
    const isFull = (folder: string) => folders.filter((other) => other === folder).length > 12;
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

  it('is a comparison of secrets that tells by its time how far they agree', () => {
    const guards = [
      'src/webhooks/intake/stripe-signature.ts',
      'src/access/api-key-ring.service.ts',
      'src/platform/message-links/signed-tokens.service.ts',
    ];
    for (const file of guards) expect(textOf(file)).toMatch(/\btimingSafeEqual\(/);
    expect(linesWith(guards, /[!=]==?\s*(signature|expected|adminApiKey|secret)\b|\.equals\(/)).toEqual([]);
  });
});
