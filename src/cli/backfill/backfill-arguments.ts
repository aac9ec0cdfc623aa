import { parseArgs } from 'node:util';
import { InvalidArguments } from '../command.js';

/** What `backfill` is to do. */
export type BackfillArguments = {
  /** Calls a second; `STRIPE_RATE_LIMIT` when missing. */
  rate?: number;
} & ({ resume: string } | { since: Date; notify: boolean; dryRun: boolean });

export const BACKFILL_USAGE = `Usage: backfill --since <date> [--notify none|all] [--dry-run] [--rate <calls a second>]
       backfill --resume <id> [--rate <calls a second>]

Compares what Stripe has with what is stored here and makes good what is missing.

  --since    only what Stripe created since then: 2026-10-01 or 2026-10-01T08:00:00Z (events: 30 days at most)
  --notify   whether customers that are found are welcomed: none (default) or all
  --dry-run  report what differs, change nothing
  --rate     calls to Stripe a second; 0 is no limit (default: STRIPE_RATE_LIMIT)
  --resume   go on with a backfill that is not complete`;

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const RATE_MAX = 100;

/** @throws InvalidArguments */
export function parseBackfillArguments(args: readonly string[], now: Date): BackfillArguments {
  const { since, notify, resume, rate, ...flags } = readFlags(args);
  const limit = rate === undefined ? {} : { rate: toRate(rate) };
  if (resume !== undefined) {
    if (since !== undefined || notify !== undefined || flags['dry-run'])
      throw new InvalidArguments(
        'resume_stands_alone',
        '--resume goes on as it was begun: only --rate may be given',
      );
    if (!UUID.test(resume))
      throw new InvalidArguments('invalid_resume', '--resume needs the id of a backfill');
    return { ...limit, resume };
  }
  if (since === undefined) throw new InvalidArguments('missing_since', '--since is missing');
  if (notify !== undefined && notify !== 'none' && notify !== 'all')
    throw new InvalidArguments('invalid_notify', '--notify must be none or all');
  return { ...limit, since: toDate(since, now), notify: notify === 'all', dryRun: flags['dry-run'] ?? false };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        since: { type: 'string' },
        notify: { type: 'string' },
        'dry-run': { type: 'boolean' },
        rate: { type: 'string' },
        resume: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new InvalidArguments('unknown_argument', (error as Error).message.split('. ')[0] ?? '');
  }
}

function toDate(text: string, now: Date): Date {
  const date = new Date(text);
  const isReal = DATE.test(text) && !Number.isNaN(date.getTime()) && isDayOf(text.slice(0, 10));
  if (!isReal)
    throw new InvalidArguments(
      'invalid_since',
      '--since must be a date such as 2026-10-01 or 2026-10-01T08:00:00Z',
    );
  if (date > now) throw new InvalidArguments('since_in_the_future', '--since lies in the future');
  return date;
}

/** JavaScript takes the 30th of February for the 2nd of March. */
function isDayOf(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

function toRate(text: string): number {
  const rate = Number(text);
  if (!/^\d+$/.test(text) || rate > RATE_MAX)
    throw new InvalidArguments('invalid_rate', `--rate must be a whole number from 0 to ${RATE_MAX}`);
  return rate;
}
