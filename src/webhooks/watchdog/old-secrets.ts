/** When a secret last signed an event of a kind. */
export interface SecretUse {
  position: number;
  kind: string;
}

/**
 * The recently used secrets that should be retired. The first in the list is the newest; every later one is
 * old, unless it is the only one that signs its kind of event. (A destination for snapshot events and one for
 * thin events have different secrets permanently.)
 */
export function oldSecretsOf(uses: readonly SecretUse[]): number[] {
  const isNewestInUse = uses.some(({ position }) => position === 1);
  const old = uses.filter(({ position, kind }) => {
    const hasNewer = uses.some((other) => other.kind === kind && other.position < position);
    return position > 1 && (hasNewer || !isNewestInUse);
  });
  return [...new Set(old.map(({ position }) => position))].toSorted((a, b) => a - b);
}
