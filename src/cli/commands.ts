import { AUDIT_USAGE, parseAuditArguments } from './audit/audit-arguments.js';
import { parseBackfillArguments, BACKFILL_USAGE } from './backfill/backfill-arguments.js';
import { KEYS_USAGE, parseKeysArguments } from './keys/keys-arguments.js';
import { type Command, InvalidArguments } from './command.js';

const DOCTOR_USAGE = `Usage: doctor [--json]

Looks at the configuration, the database, the mail server, Stripe and this machine, and says what to mend.
Changes nothing, and prints no secret. Ends with 1 when there is a problem.`;

/** All commands by name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  audit: {
    usage: AUDIT_USAGE,
    prepare: (args) => {
      const auditArguments = parseAuditArguments(args);
      return {
        run: async (app) => (await import('./audit/audit.command.js')).verifyAudit(app, auditArguments),
      };
    },
  },
  backfill: {
    usage: BACKFILL_USAGE,
    prepare: (args) => {
      const backfillArguments = parseBackfillArguments(args, new Date());
      const { rate } = backfillArguments;
      return {
        environment: rate === undefined ? {} : { STRIPE_RATE_LIMIT: rate },
        run: async (app) => (await import('./backfill/backfill.command.js')).backfill(app, backfillArguments),
      };
    },
  },
  keys: {
    usage: KEYS_USAGE,
    prepare: (args) => {
      const keysArguments = parseKeysArguments(args);
      return { run: async (app) => (await import('./keys/keys.command.js')).manageKeys(app, keysArguments) };
    },
  },
  doctor: {
    usage: DOCTOR_USAGE,
    prepare: (args) => {
      const [isJson = false] = readFlags(args, '--json');
      return {
        runAlone: async (environment) =>
          (await import('./doctor/doctor.command.js')).doctor(environment, isJson),
      };
    },
  },
  'hold-messages': {
    usage:
      'Usage: hold-messages\n\nHolds all queued messages, after the database was restored from a backup: some were sent since.',
    prepare: (args) => {
      readFlags(args);
      return { run: async (app) => (await import('./hold-messages.command.js')).holdMessages(app) };
    },
  },
  migrate: {
    usage: 'Usage: migrate\n\nBrings the schema of DATABASE_URL up to date, once per release.',
    prepare: (args) => {
      readFlags(args);
      return { runAlone: async (environment) => (await import('./migrate.command.js')).migrate(environment) };
    },
  },
};

/** Whether each of the flags is there. @throws InvalidArguments for anything else */
function readFlags(args: readonly string[], ...flags: string[]): boolean[] {
  const unknown = args.find((arg) => !flags.includes(arg));
  if (unknown !== undefined) throw new InvalidArguments('unknown_argument', `Unknown argument '${unknown}'`);
  return flags.map((flag) => args.includes(flag));
}
