import { readFileSync, writeFileSync } from 'node:fs';
import { variablesOf } from '../src/platform/settings/environment.js';
import { rulesOf, type Variable } from '../src/platform/settings/settings.js';
import { SETTINGS } from '../src/settings.js';

const HEAD = `# Configuration

The service reads environment variables, and a file \`.env\` in its working directory adds those that are not set. It
checks all of them when it starts and names every missing or malformed one at once; it prints no value. An empty
variable counts as not set. \`npm run configuration\` writes this page from the settings files of the modules.

Variables in **bold** are required with \`NODE_ENV=production\`.
`;

/** docs/configuration.md: a table for each module. */
function toMarkdown(): string {
  const tables = SETTINGS.map(({ title, variables }) => {
    const rows = Object.values(variables).flatMap(toRows);
    return `## ${title}\n\n| variable | default | rule | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return [HEAD, ...tables].join('\n');
}

function toRows(variable: Variable): string[] {
  const { name, meaning, required, isSecret, file } = variable;
  const rules = rulesOf(variable).map(({ must }) =>
    must.replace(/^must be (one of the following values: )?/, ''),
  );
  const shown = `${required ? `**\`${name}\`**` : `\`${name}\``}${isSecret ? ' (secret)' : ''}`;
  const row = toRow(shown, defaultOf(variable), rules.join('; '), meaning);
  return file ? [row, toRow(`\`${file}\``, '–', 'a path', `A file with the value of \`${name}\`.`)] : [row];
}

const toRow = (...cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function defaultOf({ default: usual, defaultInProduction, otherwise, generate, required }: Variable): string {
  const others = typeof otherwise === 'function' ? otherwise() : otherwise;
  if (defaultInProduction) return `\`${usual}\`; in production \`${defaultInProduction}\``;
  if (usual !== undefined) return `\`${usual}\``;
  if (generate) return required ? 'generated' : 'generated; in production –';
  return others ?? '–';
}

/** `.env.example`: a line for each variable, with its default where that is the same in production. */
function toExample(): string {
  const sections = SETTINGS.map(({ title, variables }) => {
    const lines = Object.values(variables).flatMap(({ name, default: usual, defaultInProduction, file }) => [
      `${name}=${usual === undefined || defaultInProduction ? '' : `'${usual}'`}`,
      ...(file ? [`${file}=`] : []),
    ]);
    return `\n# ${title}\n${lines.join('\n')}\n`;
  });
  return `# Copy to .env. Outside production everything has a default: nothing here is needed to try the service.
# Empty means not set. docs/configuration.md explains each variable; \`npm run configuration\` writes this file.
${sections.join('')}`;
}

/** Names of the hand-written example that no module declares. */
function unknownNames(file: string): string[] {
  const known = new Set(variablesOf(SETTINGS).flatMap((variable) => [variable.name, variable.file]));
  const names = [...readFileSync(file, 'utf8').matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map(
    ([, name = '']) => name,
  );
  return names.filter((name) => !known.has(name));
}

const DOCUMENTS: Record<string, string> = {
  'docs/configuration.md': toMarkdown(),
  '.env.example': toExample(),
};
const EXAMPLES = ['ops/service.env.example', 'ops/migrate.env.example'];

/**
 * Writes the two documents that list all variables; with `--check` fails when one of them, or the hand-written
 * example for production, is not in line with the settings.
 */
if (process.argv.includes('--check')) {
  const stale = Object.keys(DOCUMENTS).filter((file) => readOrNothing(file) !== DOCUMENTS[file]);
  const problems = [
    ...stale.map((file) => `${file} is not what the settings are: run "npm run configuration" and commit it`),
    ...EXAMPLES.flatMap((file) => unknownNames(file).map((name) => `${file}: no module declares ${name}`)),
  ];
  process.stderr.write(problems.map((problem) => `${problem}\n`).join(''));
  if (problems.length > 0) process.exitCode = 1;
} else {
  for (const [file, text] of Object.entries(DOCUMENTS)) writeFileSync(file, text);
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
