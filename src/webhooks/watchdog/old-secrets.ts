/** When a secret last signed an event of a kind. */
export interface SecretUse {
  position: number;
  kind: string;
}

/**
 * The secrets, of those used lately, that are to be retired: the first in the list is the newest, so every
 * later one is old, but for the one that alone signs its kind of event. (A destination for snapshot events and
 * one for thin events have a secret each, for good.)
 */
export function oldSecretsOf(uses: readonly SecretUse[]): number[] {
  const isNewestInUse = uses.some(({ position }) => position === 1);
  const old = uses.filter(({ position, kind }) => {
    const hasNewer = uses.some((other) => other.kind === kind && other.position < position);
    return position > 1 && (hasNewer || !isNewestInUse);
  });
  return [...new Set(old.map(({ position }) => position))].toSorted((a, b) => a - b);
}
