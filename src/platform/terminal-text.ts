/**
 * The names of errors whose text is meant for the terminal, without a stack. Names, because heavy modules are
 * imported only after the configuration is checked.
 */
const FOR_PEOPLE = new Set([
  'InvalidEnvironment',
  'PendingMigrations',
  'SchemaTooNew',
  'UnsuitableSession',
  'DatabaseUnreachable',
  'DataDirInUse',
  'DevelopmentPackageMissing',
  'PortTaken',
]);

/** Whether the message of the error is complete without a stack. */
export function isForPeople(error: unknown): error is Error {
  return error instanceof Error && FOR_PEOPLE.has(error.constructor.name);
}

/** The text to print for an error that ends the process. */
export function terminalTextOf(error: unknown): string {
  if (error instanceof Error && error.constructor.name === 'DomainError')
    return `${(error as Error & { code: string }).code}: ${error.message}`;
  if (isForPeople(error)) return error.message;
  return String((error as Error | null)?.stack ?? error);
}
