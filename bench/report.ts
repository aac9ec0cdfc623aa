import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type as osType } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Plan, TargetFigures } from './measure.js';

const FILE = fileURLToPath(new URL('RESULTS.md', import.meta.url));

/** A measured value beside what it must be. */
export interface Goal {
  name: string;
  measured: number;
  unit: '×' | 'MB' | 'ms' | '';
  /** `>=` or `<=` `bound`. */
  relation: '≥' | '≤';
  bound: number;
}

/** Figures and goals as Markdown. */
export function toMarkdown(all: readonly TargetFigures[], goals: readonly Goal[]): string {
  const rows = all.flatMap((target) =>
    [...target.byConcurrency].map(([concurrency, figures]) => {
      return [
        target.title,
        String(concurrency),
        whole(figures.eventsPerSecond),
        figures.rounds.map(whole).join(', '),
        precise(figures.p50Ms),
        precise(figures.p99Ms),
        precise(figures.serverCpuMs),
        precise(figures.databaseCpuMs),
        whole(target.peakRssMb),
      ];
    }),
  );
  const header = [
    'target',
    'connections',
    'events/s',
    'each round',
    'p50 ms',
    'p99 ms',
    ...CPU_COLUMNS,
    'peak RSS MB',
  ];
  return [table(header, rows), goalTable(goals)].join('\n\n');
}

export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => [
    goal.name,
    `${precise(goal.measured)} ${goal.unit}`.trim(),
    `${goal.relation} ${goal.bound} ${goal.unit}`.trim(),
    isMet(goal) ? 'yes' : 'NO',
  ]);
  return table(['goal', 'measured', 'must be', 'met'], rows);
}

/** What the figures were measured on. */
export function describeMachine(postgresVersion: string): string {
  const [cpu] = cpus();
  return [
    `- Date ${new Date().toISOString().slice(0, 10)}, commit ${commit()}.`,
    `- Machine: ${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${osType()} ${release()}. Node ${process.version}, PostgreSQL ${postgresVersion}.`,
  ].join('\n');
}

/** How targets were compared. */
export function describeRun(
  { rounds, singleSeconds, manySeconds, quiet }: Plan,
  all: readonly TargetFigures[],
): string {
  const shares = all
    .filter(({ foreignShare }) => !Number.isNaN(foreignShare))
    .map(({ title, foreignShare }) => `${(foreignShare * 100).toFixed(0)} % (${title})`);
  const lines = [
    `${rounds} rounds, ${singleSeconds} s with one connection and ${manySeconds} s with more; medians of the rounds.`,
    ...(shares.length === 0
      ? []
      : [`CPU that other work on the machine took meanwhile: ${shares.join(', ')}.`]),
    ...(quiet ? ['Run with `--quiet`: measurements that other work disturbed were repeated.'] : []),
  ];
  return lines.map((line) => `- ${line}`).join('\n');
}

/** Replaces one section of RESULTS.md and leaves the others as they are. */
export function writeSection(name: string, markdown: string): void {
  const begin = `<!-- ${name}: written by npm run bench -->`;
  const end = `<!-- end of ${name} -->`;
  const file = readFileSync(FILE, 'utf8');
  const section = `${begin}\n\n${markdown}\n\n${end}`;
  const from = file.indexOf(begin);
  const to = file.indexOf(end);
  const next =
    from === -1
      ? `${file.trimEnd()}\n\n${section}\n`
      : file.slice(0, from) + section + file.slice(to + end.length);
  writeFileSync(FILE, next);
}

/** CPU time per event. */
const CPU_COLUMNS = ['server CPU ms', 'database CPU ms'];

function isMet({ measured, relation, bound }: Goal): boolean {
  return relation === '≥' ? measured >= bound : measured <= bound;
}

function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', 'src') ? ' with changes' : '');
  } catch {
    return 'unknown';
  }
}

export function table(header: string[], rows: string[][]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function whole(value = Number.NaN): string {
  return value.toFixed(0);
}

export function precise(value = Number.NaN): string {
  return Number.isNaN(value) ? '–' : value.toFixed(value < 10 ? 2 : 1);
}
