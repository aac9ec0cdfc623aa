/**
 * Errors whose text is meant for the person at the terminal; a stack would only hide it. By name, because
 * nothing heavy is imported before the configuration holds.
 */
const FOR_PEOPLE = new Set([
  'InvalidEnvironment',
  'PendingMigrations',
  'SchemaTooNew',
  'DatabaseUnreachable',
  'DataDirInUse',
  'PortTaken',
]);

/** What to print of an error that ends the process. */
export function terminalTextOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return FOR_PEOPLE.has(error.constructor.name) ? error.message : String(error.stack ?? error);
}
