import { describe, expect, it } from 'vitest';
import { parseBackfillArguments } from './backfill-arguments.js';
import { InvalidArguments } from '../command.js';

const NOW = new Date('2026-11-24T12:00:00Z');
const ID = '01a20d9b-c387-7000-8000-0755b15c6378';

const parse = (line: string) => parseBackfillArguments(line.split(' ').filter(Boolean), NOW);

/** The code of what is wrong; null when nothing is. */
function faultOf(line: string): string | null {
  try {
    parse(line);
    return null;
  } catch (error) {
    if (error instanceof InvalidArguments) return error.code;
    throw error;
  }
}

describe('the arguments of a backfill', () => {
  it.each([
    ['--since 2026-10-01', { since: '2026-10-01T00:00:00.000Z', notify: false, dryRun: false }],
    ['--since=2026-10-01T08:00:00Z', { since: '2026-10-01T08:00:00.000Z', notify: false, dryRun: false }],
    ['--since 2026-10-01T08:00+02:00', { since: '2026-10-01T06:00:00.000Z', notify: false, dryRun: false }],
    ['--since 2026-10-01 --notify all', { since: '2026-10-01T00:00:00.000Z', notify: true, dryRun: false }],
    ['--dry-run --since 2026-10-01', { since: '2026-10-01T00:00:00.000Z', notify: false, dryRun: true }],
    [
      '--since 2026-10-01 --rate 0',
      { since: '2026-10-01T00:00:00.000Z', notify: false, dryRun: false, rate: 0 },
    ],
    [`--resume ${ID} --rate 100`, { resume: ID, rate: 100 }],
  ])('are read: %s', (line, expected) => {
    expect(JSON.parse(JSON.stringify(parse(line)))).toEqual(expected);
  });

  it.each([
    ['', 'missing_since'],
    ['--dry-run', 'missing_since'],
    ['--since', 'unknown_argument'],
    ['--since --notify all', 'unknown_argument'],
    ['--since=', 'invalid_since'],
    ['--since yesterday', 'invalid_since'],
    ['--since 01.10.2026', 'invalid_since'],
    ['--since 2026-10', 'invalid_since'],
    ['--since 2026-13-01', 'invalid_since'],
    ['--since 2026-02-30', 'invalid_since'],
    ['--since 2026-10-01T25:00:00Z', 'invalid_since'],
    ['--since 2026-10-01T08:00:00', 'invalid_since'],
    ['--since 1790812800', 'invalid_since'],
    ['--since 2026-11-25', 'since_in_the_future'],
    ['--since 2026-10-01 --notify', 'unknown_argument'],
    ['--since 2026-10-01 --notify some', 'invalid_notify'],
    ['--since 2026-10-01 --notify ALL', 'invalid_notify'],
    ['--since 2026-10-01 --dry-run=yes', 'unknown_argument'],
    ['--since 2026-10-01 --rate fast', 'invalid_rate'],
    ['--since 2026-10-01 --rate=-1', 'invalid_rate'],
    ['--since 2026-10-01 --rate 2.5', 'invalid_rate'],
    ['--since 2026-10-01 --rate 101', 'invalid_rate'],
    ['--since 2026-10-01 --rate=', 'invalid_rate'],
    ['--since 2026-10-01 --force', 'unknown_argument'],
    ['--since 2026-10-01 now', 'unknown_argument'],
    ['--resume', 'unknown_argument'],
    ['--resume 1', 'invalid_resume'],
    [`--resume ${ID} --since 2026-10-01`, 'resume_stands_alone'],
    [`--resume ${ID} --notify all`, 'resume_stands_alone'],
    [`--resume ${ID} --dry-run`, 'resume_stands_alone'],
  ])('are refused: %s', (line, code) => {
    expect(faultOf(line)).toBe(code);
  });
});
