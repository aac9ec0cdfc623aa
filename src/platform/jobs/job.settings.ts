import { type Rule, wholeNumber } from '../settings/rule.js';
import { settings } from '../settings/settings.js';

/** The minimum, because a retry, a link in a mail or a replay may need a younger row. */
const DAYS_MIN = 7;
const DAYS_MAX = 36_500;

const usualDays: Record<string, number> = {};

/**
 * Declares tables whose rows are removed after a number of days. A module does so in its settings file, and
 * only for tables that no other code relies on. Their ids are UUIDs of version 7, so the id contains the age.
 */
export function keepRows(days: Readonly<Record<string, number>>): void {
  Object.assign(usualDays, days);
}

const daysByTable: Rule<Readonly<Record<string, number>>> = {
  must: `must be such as notification_attempts=90,portal_links=30: tables of docs/configuration.md, at least ${DAYS_MIN} days each`,
  read(given) {
    const changes: Record<string, number> = {};
    for (const item of given.split(',')) {
      const [, table = '', count] = /^([a-z_]+)=([0-9]{1,5})$/.exec(item) ?? [];
      const days = Number(count);
      if (!Object.hasOwn(usualDays, table) || days < DAYS_MIN || days > DAYS_MAX) return undefined;
      changes[table] = days;
    }
    return changes;
  },
};

export class JobSettings extends settings('Jobs', {
  concurrency: {
    name: 'JOB_CONCURRENCY',
    rule: wholeNumber(1, 64),
    default: '4',
    meaning: 'How many jobs each process runs at a time.',
  },
  leaseSeconds: {
    name: 'WORKER_LEASE_SECONDS',
    rule: wholeNumber(5, 600),
    default: '30',
    meaning:
      'A worker that has sent no heartbeat for so many seconds counts as dead, and other workers take over its jobs.',
  },
  changedDays: {
    name: 'RETENTION_DAYS',
    rule: daysByTable,
    otherwise: () =>
      Object.entries(usualDays)
        .map(([table, days]) => `\`${table}=${days}\``)
        .join(' '),
    meaning:
      'For how many days a table keeps its rows, for tables where the default does not fit, with commas between them. A nightly job removes older rows; the command `purge` does so at once.',
  },
}) {
  /** For how many days each table keeps its rows. */
  get daysByTable(): Readonly<Record<string, number>> {
    return { ...usualDays, ...this.changedDays };
  }
}
