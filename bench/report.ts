import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type as osType } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CONCURRENCIES, type Concurrency, type Plan, type TargetFigures } from './measure.js';

const FILE = fileURLToPath(new URL('RESULTS.md', import.meta.url));

/** A measured value beside what it must be. */
export interface Goal {
  name: string;
  measured: number;
  unit: '×' | 'MB';
  /** `>=` or `<=` `bound`. */
  relation: '≥' | '≤';
  bound: number;
}

/** The goals of a run against the peers; those whose targets were measured. */
export function peerGoals(all: readonly TargetFigures[]): Goal[] {
  const figure = (name: string, concurrency: Concurrency, key: 'eventsPerSecond' | 'p50Ms') =>
    all.find((target) => target.name === name)?.byConcurrency.get(concurrency)?.[key] ?? Number.NaN;
  const ratio = (peer: string, concurrency: Concurrency, key: 'eventsPerSecond' | 'p50Ms') =>
    figure('service', concurrency, key) / figure(peer, concurrency, key);
  const rss = all.find(({ name }) => name === 'service')?.peakRssMb ?? Number.NaN;
  const goals: Goal[] = [
    {
      name: 'events/s at 64 against (c)',
      measured: ratio('sync-engine', 64, 'eventsPerSecond'),
      unit: '×',
      relation: '≥',
      bound: 1,
    },
    {
      name: 'events/s at 256 against (c)',
      measured: ratio('sync-engine', 256, 'eventsPerSecond'),
      unit: '×',
      relation: '≥',
      bound: 1.5,
    },
    {
      name: 'events/s at 64 against (b)',
      measured: ratio('plain', 64, 'eventsPerSecond'),
      unit: '×',
      relation: '≥',
      bound: 6,
    },
    {
      name: 'p50 at 1 against (c)',
      measured: ratio('sync-engine', 1, 'p50Ms'),
      unit: '×',
      relation: '≤',
      bound: 3,
    },
    { name: 'peak RSS of the service', measured: rss, unit: 'MB', relation: '≤', bound: 300 },
  ];
  return goals.filter(({ measured }) => !Number.isNaN(measured));
}

/** The goals of a run with stored customers: the full database against the empty one. */
export function preloadGoals([empty, preloaded]: readonly TargetFigures[]): Goal[] {
  return CONCURRENCIES.map((concurrency) => ({
    name: `events/s at ${concurrency}, preloaded against empty`,
    measured:
      (preloaded?.byConcurrency.get(concurrency)?.eventsPerSecond ?? Number.NaN) /
      (empty?.byConcurrency.get(concurrency)?.eventsPerSecond ?? Number.NaN),
    unit: '×',
    relation: '≥',
    bound: 0.9,
  }));
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
  const goalRows = goals.map((goal) => [
    goal.name,
    `${precise(goal.measured)} ${goal.unit}`,
    `${goal.relation} ${goal.bound} ${goal.unit}`,
    isMet(goal) ? 'yes' : 'NO',
  ]);
  return [table(header, rows), table(['goal', 'measured', 'must be', 'met'], goalRows)].join('\n\n');
}

/** What the figures were measured on. */
export function describeRun(
  postgresVersion: string,
  { rounds, singleSeconds, manySeconds, quiet }: Plan,
  all: readonly TargetFigures[],
): string {
  const [cpu] = cpus();
  const shares = all
    .filter(({ foreignShare }) => !Number.isNaN(foreignShare))
    .map(({ title, foreignShare }) => `${(foreignShare * 100).toFixed(0)} % (${title})`);
  const lines = [
    `Date ${new Date().toISOString().slice(0, 10)}, commit ${commit()}.`,
    `Machine: ${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${osType()} ${release()}. Node ${process.version}, PostgreSQL ${postgresVersion}.`,
    `${rounds} rounds, ${singleSeconds} s with one connection and ${manySeconds} s with more; medians of the rounds.`,
    ...(shares.length === 0
      ? []
      : [`CPU that other work on the machine took meanwhile: ${shares.join(', ')}.`]),
    ...(quiet ? ['Run with `--quiet`: measurements that other work disturbed were repeated.'] : []),
  ];
  return lines.map((line) => `- ${line}`).join('\n');
}

/** Replaces one section of RESULTS.md and leaves the others as they are. */
export function writeSection(name: 'peers' | 'preload', markdown: string): void {
  const begin = `<!-- ${name}: written by npm run bench -->`;
  const end = `<!-- end of ${name} -->`;
  const file = existsSync(FILE) ? readFileSync(FILE, 'utf8') : PREAMBLE;
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

function table(header: string[], rows: string[][]): string {
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

function precise(value = Number.NaN): string {
  return Number.isNaN(value) ? '–' : value.toFixed(value < 10 ? 2 : 1);
}

const PREAMBLE = `# Benchmark results

Written by \`npm run bench\` and \`npm run bench -- --preload 1000000\`; shorter runs only print.

How it is measured:

- Load generator, server and database are each a process of their own on one machine. The generator sends
  over kept-alive connections (undici), one request at a time on each: when a connection's answer is there,
  its next event is signed and sent.
- Every event is unique, a \`customer.created\` of the current API version, 2.3 KB as Stripe prints it, with
  address, shipping and metadata. Its MINGUS user exists and is new, so each customer gets three
  notifications. Each answer is checked (200, success, three notifications); at the end the rows in the
  database must be exactly as many as were acknowledged.
- The service is \`dist/main.js\` with its default settings, its log in a file, job workers off
  (\`PROCESS_ROLES=api\`). All targets use one PostgreSQL server with its default settings (\`fsync\` and
  \`synchronous_commit\` on), each a database of its own.
- Targets take turns. Each turn begins with a checkpoint, 10,000 events (or 15 s) that do not count, and an
  analyze, so that nobody pays for the writes of another or for plans made on empty tables; each measurement
  with half a second that does not count.
- (a) verifies the signature with the service's own code and parses the event. (b) writes the same rows and
  jobs, made by the service's own listeners, as one TypeORM transaction per event: three reads, one insert per
  table, one \`add_job\` per job; pool of 10. (c) is set up as its README says, pool of 10; it stores one row
  per event and none of the other things.

Limits: one machine and loopback, so the network costs nothing and generator, server and database take CPU
from each other; a closed loop, so latency under more connections is mostly queueing; seconds, not days. The
ratios travel better to other machines than the events/s.
`;
