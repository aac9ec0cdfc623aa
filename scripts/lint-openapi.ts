import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import spectral, { type RulesetDefinition } from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';
import openapiTypeScript, { astToString } from 'openapi-typescript';
import { type ApiDocument, callsOfEachRoute } from './openapi-calls.js';

/**
 * Fails when `openapi.json` breaks a rule of Redocly or Spectral, or when a client that openapi-typescript
 * generates from it does not compile with a call of each route.
 */
const FILE = 'openapi.json';
/** Below `node_modules`, so that the client finds its library and is not committed. */
const CLIENT = 'node_modules/.cache/openapi-client';
const COMPILER_OPTIONS = {
  noEmit: true,
  strict: true,
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2022', 'dom'],
  types: [],
};

function run(command: string, ...args: string[]): boolean {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const { status } = spawnSync(join('node_modules/.bin', command), args, { env, stdio: 'inherit' });
  return status === 0;
}

async function holdsSpectralsRules(text: string): Promise<boolean> {
  const linter = new spectral.Spectral();
  linter.setRuleset({ extends: [rulesets.oas as RulesetDefinition] });
  const findings = await linter.run(text);
  for (const { code, path, message } of findings)
    process.stderr.write(`${FILE} ${path.join('.')}: ${message} (${code})\n`);
  process.stdout.write(`Spectral: ${findings.length} findings\n`);
  return findings.length === 0;
}

async function clientCompiles(text: string): Promise<boolean> {
  const calls = callsOfEachRoute(JSON.parse(text) as ApiDocument);
  rmSync(CLIENT, { recursive: true, force: true });
  mkdirSync(CLIENT, { recursive: true });
  writeFileSync(join(CLIENT, 'package.json'), '{"type": "module"}');
  writeFileSync(join(CLIENT, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS }));
  writeFileSync(join(CLIENT, 'api.ts'), astToString(await openapiTypeScript(text)));
  writeFileSync(
    join(CLIENT, 'calls.ts'),
    [
      `import createClient from 'openapi-fetch';`,
      `import type { paths } from './api.js';`,
      `const client = createClient<paths>({ baseUrl: 'http://localhost:3000' });`,
      ...calls,
    ].join('\n'),
  );
  const compiles = run('tsc', '-p', CLIENT);
  process.stdout.write(
    `Generated client: ${calls.length} calls ${compiles ? 'compile' : 'do not compile'}\n`,
  );
  return compiles;
}

const text = readFileSync(FILE, 'utf8');
const checks = [
  run('redocly', 'lint', FILE, '--format', 'stylish'),
  await holdsSpectralsRules(text),
  await clientCompiles(text),
];
if (checks.includes(false)) process.exitCode = 1;
