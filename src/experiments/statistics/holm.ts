/**
 * Holm's correction: with adjusted p-values below α, the probability of any false one among them is below α. The values
 * stay in their order.
 */
export function holm(ps: readonly number[]): number[] {
  const adjusted: number[] = ps.map(() => 1);
  const ordered = ps.map((p, index) => ({ p, index })).toSorted((a, b) => a.p - b.p);
  let largest = 0;
  for (const [rank, { p, index }] of ordered.entries()) {
    largest = Math.max(largest, Math.min(1, p * (ps.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
}
