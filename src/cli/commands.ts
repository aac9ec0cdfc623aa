import { AUDIT_USAGE, parseAuditArguments } from './audit-arguments.js';
import { parseBackfillArguments, BACKFILL_USAGE } from './backfill-arguments.js';
import { KEYS_USAGE, parseKeysArguments } from './keys-arguments.js';
import type { Command } from './command.js';

/** All commands by name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  audit: {
    usage: AUDIT_USAGE,
    prepare: (args) => {
      const auditArguments = parseAuditArguments(args);
      return { run: async (app) => (await import('./audit.command.js')).verifyAudit(app, auditArguments) };
    },
  },
  backfill: {
    usage: BACKFILL_USAGE,
    prepare: (args) => {
      const backfillArguments = parseBackfillArguments(args, new Date());
      const { rate } = backfillArguments;
      return {
        environment: rate === undefined ? {} : { STRIPE_RATE_LIMIT: rate },
        run: async (app) => (await import('./backfill.command.js')).backfill(app, backfillArguments),
      };
    },
  },
  keys: {
    usage: KEYS_USAGE,
    prepare: (args) => {
      const keysArguments = parseKeysArguments(args);
      return { run: async (app) => (await import('./keys.command.js')).manageKeys(app, keysArguments) };
    },
  },
};
