import { execFileSync } from 'node:child_process';
import { cpus, totalmem, type as osType, release } from 'node:os';
import { percentile } from '../bench/statistics.js';
import type { Campaign } from './campaign.js';
import { FAULT_POINTS } from './faults/fault-point.js';
import { UNDERWAY } from './plan.js';
import type { Verdict } from './verdict.js';

/** A campaign's figures by name: numbers, texts, or numbers by a second name. */
export type Figures = Record<string, string | number | Record<string, number>>;

/** The report: what was run, what happened and what was found. */
export async function describe(campaign: Campaign, verdict: Verdict, seconds: number): Promise<Figures> {
  const { plan, tally, sender, database, mailLog, replicas, systems } = campaign;
  const { mail, copiesBound, deliveriesBound, rerunAfterMs, violations } = verdict;
  const { arrived, copies } = systems;
  const points = [...FAULT_POINTS.api, ...FAULT_POINTS.worker].length;
  const named = [...tally.killsByPoint].filter(([name]) => !name.endsWith('at random'));
  const restarts = tally.databaseRestarts;
  const all = [...replicas.api, ...replicas.worker];
  return {
    result: violations.length === 0 ? 'all promises held' : violations.join('; '),
    seed: plan.seed,
    seconds: Math.round(seconds),
    'events sent': sender.events,
    'events acknowledged': sender.acknowledged.size,
    'delivered twice at once': sender.duplicates,
    twins: sender.twins,
    subscriptions: `${sender.lives.length}, with ${sum(sender.lives.map(({ events }) => events.length))} events`,
    'movements of revenue': await database.count('mrr_movements'),
    'changes of stage': await database.count('lifecycle_transitions', 'from_stage is not null'),
    answers: toRecord(sender.answers, (status) => (status === 0 ? 'none (cut)' : String(status))),
    customers: await database.count('customers'),
    notifications: await database.count('notifications'),
    kills: { ...tally.kills },
    'named points hit': `${named.length} of ${points}`,
    'kills by point': toRecord(tally.killsByPoint),
    'database restarts': { ...restarts },
    'sessions terminated': toRecord(tally.terminations),
    'clean restarts (SIGTERM)': tally.cleanRestarts,
    'failed requests during them': toRecord(tally.cleanRefusals),
    'extra copies by them': tally.cleanExtraCopies,
    'lost acknowledged events': verdict.broken.lost_events?.length ?? 0,
    'messages accepted': mailLog.length,
    'extra copies': `${mail.extraCopies} (bound ${copiesBound}; kills × messages underway ${tally.allKills * UNDERWAY})`,
    'contacts, tickets, events delivered': `${arrived.contacts.length}, ${arrived.tickets.length}, ${arrived.events.length}`,
    'repeated contacts': `${copies.contacts} (bound ${deliveriesBound.contacts})`,
    'repeated events': `${copies.events} (bound ${deliveriesBound.events})`,
    'orphaned jobs': rerunAfterMs.length,
    'run again after, s': spread(rerunAfterMs),
    'first 2xx after database ready, ms': tally.acceptedAfterMs.map(Math.round).join(' ') || '–',
    'failed starts (database down)': sum(all.map(({ failedStarts }) => failedStarts)),
    'ended by themselves, restarted': sum(all.map(({ unexpectedEnds }) => unexpectedEnds.length)),
    machine: `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${osType()} ${release()}`,
    versions: `Node ${process.version}, PostgreSQL ${await database.version()}`,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** The figures as a table, one line each. */
export function toTable(figures: Figures): string {
  const width = Math.max(...Object.keys(figures).map(({ length }) => length));
  return Object.entries(figures)
    .flatMap(([name, value]) => {
      if (typeof value !== 'object') return [`${name.padEnd(width)}  ${value}`];
      const parts = Object.entries(value).map(([part, count]) => `${part} ${count}`);
      return [`${name.padEnd(width)}  ${parts.join(', ') || 'none'}`];
    })
    .join('\n');
}

function toRecord<K>(counts: ReadonlyMap<K, number>, toName: (key: K) => string = String) {
  return Object.fromEntries(
    [...counts]
      .map(([key, count]) => [toName(key), count] as const)
      .toSorted(([one], [other]) => one.localeCompare(other)),
  );
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function spread(sortedMs: readonly number[]): string {
  if (sortedMs.length === 0) return '–';
  const at = (share: number) => (percentile(sortedMs, share) / 1000).toFixed(1);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`;
}

function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', 'src') ? ' with changes' : '');
  } catch {
    return 'unknown';
  }
}
