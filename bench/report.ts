import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type as osType } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  type Concurrency,
  type Figure,
  FOREIGN_SHARE_MAX,
  isDisturbed,
  medianOf,
  type Plan,
  type TargetFigures,
  type Turn,
} from './measure.js';

const FILE = fileURLToPath(new URL('RESULTS.md', import.meta.url));

/** A measured value and its bound. */
export interface Goal {
  name: string;
  measured: number;
  unit: '×' | 'MB' | 'ms' | '%' | '';
  /** `>=` or `<=` `bound`. */
  relation: '≥' | '≤';
  bound: number;
}

/**
 * Figures and goals as Markdown. CPU per event comes first: unlike throughput and latency, it hardly depends
 * on other work of the machine.
 */
export function toMarkdown(all: readonly TargetFigures[], goals: readonly Goal[]): string {
  return [cpuTable(all), trafficTable(all), goalTable(goals)].join('\n\n');
}

function cpuTable(all: readonly TargetFigures[]): string {
  const rows = turnsOf(all).map(({ title, concurrency, turns, firstTurns }) => [
    title,
    String(concurrency),
    precise(medianOf(turns, 'serverCpuMs')),
    precise(medianOf(turns, 'databaseCpuMs')),
    turns.map((turn) => `${precise(turn.serverCpuMs + turn.databaseCpuMs)}${markOf(turn)}`).join(', '),
    firstTurns === turns
      ? '–'
      : turns.map((turn, round) => ratio(firstTurns[round], turn, 'eventsPerSecond')).join(', '),
  ]);
  const first = all[0]?.title ?? '';
  return table(
    [
      'target',
      'connections',
      'service CPU ms per event',
      'database CPU ms per event',
      'together, each round',
      `events/s of ${first} against it, each round`,
    ],
    rows,
  );
}

function trafficTable(all: readonly TargetFigures[]): string {
  const rows = turnsOf(all).map(({ title, concurrency, turns, peakRssMb }) => [
    title,
    String(concurrency),
    whole(medianOf(turns, 'eventsPerSecond')),
    turns.map((turn) => `${whole(turn.eventsPerSecond)}${markOf(turn)}`).join(', '),
    precise(medianOf(turns, 'p50Ms')),
    precise(medianOf(turns, 'p99Ms')),
    whole(peakRssMb),
  ]);
  return table(['target', 'connections', 'events/s', 'each round', 'p50 ms', 'p99 ms', 'peak RSS MB'], rows);
}

/** The turns of each target with each number of connections, paired with those of the first target. */
function turnsOf(all: readonly TargetFigures[]): {
  title: string;
  concurrency: Concurrency;
  turns: readonly Turn[];
  firstTurns: readonly Turn[];
  peakRssMb: number;
}[] {
  return all.flatMap(({ title, turns: byConcurrency, peakRssMb }) =>
    [...byConcurrency].map(([concurrency, turns]) => {
      const firstTurns = all[0]?.turns.get(concurrency) ?? [];
      return { title, concurrency, turns, firstTurns, peakRssMb };
    }),
  );
}

function ratio(one: Turn | undefined, other: Turn, figure: Figure): string {
  return precise((one?.[figure] ?? Number.NaN) / other[figure]);
}

const markOf = (turn: Turn) => (isDisturbed(turn) ? '*' : '');

export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => [
    goal.name,
    `${precise(goal.measured)} ${goal.unit}`.trim(),
    `${goal.relation} ${goal.bound} ${goal.unit}`.trim(),
    isMet(goal) ? 'yes' : 'NO',
  ]);
  return table(['goal', 'measured', 'must be', 'met'], rows);
}

/** The machine and versions of the measurement. */
export function describeMachine(postgresVersion: string): string {
  const [cpu] = cpus();
  return [
    `- Date ${new Date().toISOString().slice(0, 10)}, commit ${commit()}.`,
    `- Machine: ${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${osType()} ${release()}. Node ${process.version}, PostgreSQL ${postgresVersion}.`,
  ].join('\n');
}

/** How targets were compared. */
export function describeRun({ rounds, singleSeconds, manySeconds }: Plan): string {
  return [
    `- ${rounds} rounds, in each all targets in turn: ${singleSeconds} s with one connection, ${manySeconds} s with more.`,
    `- A turn during which other work took more than ${FOREIGN_SHARE_MAX * 100} % of the CPU was repeated, at most twice, and is marked with * if it stayed so. Medians and goals are of the turns without a mark where there are any.`,
  ].join('\n');
}

/** Replaces one section of RESULTS.md and leaves the others unchanged. */
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
  return Number.isNaN(value) ? '–' : value.toFixed(value < 1 ? 3 : value < 10 ? 2 : 1);
}
