import { readEnvironment } from '../../settings.js';
import { explainConnection } from '../../platform/database/database-fault.js';
import { migrateDatabase, revertMigration } from '../../platform/database/migrate.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

/**
 * Runs all pending migrations (ours and the job engine's), or undoes the newest one of ours, under the
 * advisory lock. Needs only `DATABASE_URL`.
 */
export async function migrate(
  { DATABASE_URL }: NodeJS.ProcessEnv,
  { isRevert }: { isRevert: boolean },
  output: Output,
): Promise<number> {
  const { DATABASE_URL: url } = readEnvironment({ NODE_ENV: 'test', DATABASE_URL });
  if (url === undefined) {
    output.note('DATABASE_URL is not set');
    return EXIT.usage;
  }
  try {
    await (isRevert ? revert(url, output) : run(url, output));
    return EXIT.done;
  } catch (error) {
    throw explainConnection(error);
  }
}

async function run(url: string, output: Output): Promise<void> {
  const { ran, schema, roleProblem } = await migrateDatabase(url);
  if (roleProblem) output.note(`Warning: ${roleProblem}`);
  for (const name of ran) output.line(`Migrated: ${name}`);
  output.line('The schema is up to date');
  output.document({ migrated: ran, schema, warning: roleProblem });
}

async function revert(url: string, output: Output): Promise<void> {
  const undone = await revertMigration(url);
  output.line(undone === null ? 'No migration to undo' : `Undone: ${undone}`);
  output.document({ undone });
}
