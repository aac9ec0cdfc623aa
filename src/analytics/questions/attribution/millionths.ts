export const MILLION = 1_000_000;

/**
 * The share of each part in whole millionths. They add up to exactly a million: what rounding down loses goes to the
 * parts with the largest remainders. All are 0 without a part.
 */
export function millionthsOf(parts: readonly number[]): number[] {
  const whole = parts.reduce((sum, part) => sum + part, 0);
  if (whole === 0) return parts.map(() => 0);
  const exact = parts.map((part) => (BigInt(part) * BigInt(MILLION)) / BigInt(whole));
  const remainders = parts.map((part) => (BigInt(part) * BigInt(MILLION)) % BigInt(whole));
  const shares = exact.map(Number);
  const missing = MILLION - shares.reduce((sum, share) => sum + share, 0);
  const byRemainder = remainders
    .map((remainder, index) => ({ remainder, index }))
    .toSorted((a, b) => Number(b.remainder - a.remainder) || a.index - b.index);
  for (const { index } of byRemainder.slice(0, missing)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}
