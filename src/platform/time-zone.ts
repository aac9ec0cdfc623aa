/**
 * Places in the zone database that every installation has. Old names such as CET are not among them: PostgreSQL takes them
 * for abbreviations, which have no summer time.
 */
const PLACE =
  /^(UTC|(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)(\/[A-Za-z_-]+){1,2})$/;

/** Whether JavaScript and PostgreSQL have the same rules for a time zone of this name. */
export function isTimeZone(name: unknown): name is string {
  return typeof name === 'string' && PLACE.test(name) && isKnown(name);
}

function isKnown(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
