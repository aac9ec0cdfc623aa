import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readCommandLine } from './program.js';

const HASH = 'ab'.repeat(32);
const ID = '01a20d9b-c387-7000-8000-0755b15c6378';

let out = '';
let err = '';

beforeEach(() => {
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text))));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text))));
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Reads a line; blanks within quotes do not separate arguments. */
function read(line: string) {
  const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  return readCommandLine(args);
}

/** The exit code of commander, which has printed help or an error. */
function endOf(line: string): number {
  try {
    read(line);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  throw new Error(`Accepted: ${line}`);
}

describe('a command line is accepted:', () => {
  it.each<[string, object]>([
    ['migrate', { isRevert: false }],
    ['migrate --revert', { isRevert: true }],
    ['keys list', {}],
    [`keys revoke ${ID}`, { id: ID }],
    [`keys rotate ${ID}`, { id: ID, graceSeconds: 3600 }],
    [`keys rotate ${ID} --grace 0`, { id: ID, graceSeconds: 0 }],
    ["keys create --name 'Ada B' --role viewer", { name: 'Ada B', role: 'viewer' }],
    [
      'keys create --name Ada --role viewer --expires 2099-01-01T00:00:00Z',
      { name: 'Ada', role: 'viewer', expiresAt: new Date('2099-01-01T00:00:00Z') },
    ],
    ['jobs retry 12 13', { ids: ['12', '13'] }],
    ['jobs retry --all', {}],
    ['jobs retry --task track-analytics', { task: 'track-analytics' }],
    ['channels resume email', { channel: 'email' }],
    [
      'notifications release --status held --reason restored_backup',
      { act: 'release', filter: { status: 'held', reason: 'restored_backup' }, isDryRun: false },
    ],
    [
      'notifications cancel --status queued --kind welcome --channel email --address a@b.example --dry-run',
      {
        act: 'cancel',
        filter: { status: 'queued', kind: 'welcome', channel: 'email', address: 'a@b.example' },
        isDryRun: true,
      },
    ],
    ['events refetch', { stripeEventId: undefined }],
    ['events refetch evt_1', { stripeEventId: 'evt_1' }],
    ['suppressions review --lift', { isLift: true }],
    [
      'backfill --since 2026-10-01',
      { since: new Date('2026-10-01T00:00:00Z'), notify: false, dryRun: false },
    ],
    [
      'backfill --since=2026-10-01T08:00+02:00 --notify all --dry-run',
      { since: new Date('2026-10-01T06:00:00Z'), notify: true, dryRun: true },
    ],
    [`backfill --resume ${ID} --rate 100`, { resume: ID }],
    [
      `audit verify --head 3:${HASH} --head 12:${HASH} --heads package.json`,
      {
        head: [
          { seal: 3, hash: HASH },
          { seal: 12, hash: HASH },
        ],
        heads: 'package.json',
      },
    ],
  ])('%s', (line, args) => {
    expect(read(line)).toEqual({ task: expect.objectContaining({ args }), isJson: false });
  });

  it('backfill with a rate, as a setting', () => {
    expect(read('backfill --since 2026-10-01 --rate 0').task).toMatchObject({
      environment: { STRIPE_RATE_LIMIT: '0' },
    });
  });
});

describe('a command line is refused:', () => {
  it.each([
    ['kyes', 'Did you mean keys?'],
    ['keys crate', 'Did you mean create?'],
    ['keys create --nam Ada', 'Did you mean --name?'],
    ['migrate --revrt', 'Did you mean --revert?'],
    ['start', "unknown command 'start'"],
    ['jobs list --all', "unknown option '--all'"],
    ['jobs list 1', 'too many arguments'],
    ['keys create --role viewer', "required option '--name <name>' not specified"],
    ['keys create --name =cmd() --role viewer', 'letters, digits, spaces'],
    ['keys create --name Ada --role root', 'Allowed choices are viewer, operator, admin, service, collector'],
    ['keys create --name Ada --role viewer --expires soon', 'It must be a date'],
    ['keys rotate', "missing required argument 'id'"],
    ['keys rotate x', 'It must be a UUID'],
    [`keys rotate ${ID} --grace x`, 'It must be a whole number from 0 to 604800'],
    [`keys rotate ${ID} --grace 604801`, 'It must be a whole number from 0 to 604800'],
    ['jobs retry', 'name the jobs by their numbers'],
    ['jobs retry 1 --all', 'name the jobs by their numbers'],
    ['jobs retry 1;drop', 'It must be the number of a job'],
    ['jobs retry 99999999999999999999', 'It must be the number of a job'],
    ['channels resume', "missing required argument 'channel'"],
    ['channels resume pigeon', 'Allowed choices are email, in_app'],
    ['notifications release', "required option '--status <status>' not specified"],
    ['notifications release --status sent', 'Allowed choices are held, failed, queued'],
    ['notifications cancel --status failed', 'Allowed choices are held, queued'],
    ['notifications release --status held --kind postcard', 'Allowed choices are'],
    ['notifications release --status held --address ada', 'It must be an email address'],
    ['events refetch cus_1', 'It must be the id of an event'],
    ['suppressions review all', 'too many arguments'],
    ['backfill', 'give --since <date>, or --resume <id>'],
    ['backfill --since', "option '--since <date>' argument missing"],
    ["backfill --since ''", 'It must be a date'],
    ['backfill --since yesterday', 'It must be a date'],
    ['backfill --since 2026-02-30', 'It must be a date'],
    ['backfill --since 2026-13-01', 'It must be a date'],
    ['backfill --since 2026-10-01T25:00:00Z', 'It must be a date'],
    ['backfill --since 2026-10-01T08:00:00', 'It must be a date'],
    ['backfill --since 2999-11-25', '--since is in the future'],
    ['backfill --since 2026-10-01 --notify ALL', 'Allowed choices are none, all'],
    ['backfill --since 2026-10-01 --dry-run=yes', "unknown option '--dry-run=yes'"],
    ['backfill --since 2026-10-01 --rate 101', 'It must be a whole number from 0 to 100'],
    ['backfill --since 2026-10-01 --rate=-1', 'It must be a whole number from 0 to 100'],
    ['backfill --resume 1', 'It must be a UUID'],
    [`backfill --resume ${ID} --since 2026-10-01`, 'cannot be used with'],
    [`backfill --resume ${ID} --dry-run`, 'cannot be used with'],
    ['audit verify --head 3', 'It must be the number of a seal'],
    [`audit verify --head 0:${HASH}`, 'It must be the number of a seal'],
    [`audit verify --head 'then 3:${HASH}'`, 'It must be the number of a seal'],
    ['audit verify --heads /no/such/file', 'There is no such file'],
  ])('%s', (line, text) => {
    expect(endOf(line)).not.toBe(0);
    expect(err).toContain(text);
    expect(out).toBe('');
  });

  it('with the usage of the one command', () => {
    endOf('keys revoke x');
    expect(err).toContain('Usage: mingus keys revoke [options] <id>');
    expect(err).not.toContain('backfill');
  });
});

describe('help', () => {
  it('lists the commands, each in a line, and the exit codes', () => {
    expect(endOf('--help')).toBe(0);
    const lines = out.slice(out.indexOf('Commands:'), out.indexOf('Exit codes:')).trim().split('\n').slice(1);
    expect(lines.map((line) => /^ {2}([\w-]+)( \[command\])? +\w/.exec(line)?.[1])).toEqual([
      'migrate',
      'purge',
      'hold-messages',
      'doctor',
      'keys',
      'secrets',
      'jobs',
      'channels',
      'notifications',
      'events',
      'database',
      'suppressions',
      'predictions',
      'backfill',
      'audit',
      'help',
    ]);
    expect(out).toMatch(/^ {2}3 +audit verify/m);
  });

  it('is printed without a command', () => {
    expect(() => readCommandLine([])).toThrow(CommanderError);
    expect(out).toMatch(/^Usage: mingus /);
  });

  it('of a command has its own options and examples alone', () => {
    endOf('backfill --help');
    expect(out).toContain('--since <date>');
    expect(out).toContain('mingus backfill --resume');
    expect(out).not.toContain('keys');
  });
});

it('each command that does something can print JSON', () => {
  expect(read('jobs list --json').isJson).toBe(true);
  expect(read('doctor --json').isJson).toBe(true);
  expect(read('audit verify --json').isJson).toBe(true);
});
