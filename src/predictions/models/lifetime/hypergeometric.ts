const TERMS_MAX = 100_000;
const PRECISION = 1e-15;

/**
 * ₂F₁(1, b; c; z) for 0 ≤ z < 1 and c > 1 by Gauss's continued fraction. Close to z = 1, where the series needs
 * thousands of terms, it needs tens, and unlike the transformation to 1 − z it has no poles.
 * Source: DLMF 15.7.1 with the second parameter 0, evaluated by Lentz's method.
 */
export function hypergeometric1(b: number, c: number, z: number): number {
  const d = c - 1;
  let fraction = d;
  let [numerator, denominator] = [d, 0];
  for (let n = 1; n < TERMS_MAX; n += 1) {
    const half = Math.floor(n / 2);
    const factor = n % 2 === 1 ? (b + half) * (d + half) : half * (d - b + half);
    denominator = 1 / (d + n - factor * z * denominator);
    numerator = d + n - (factor * z) / numerator;
    const change = numerator * denominator;
    fraction *= change;
    if (Math.abs(change - 1) < PRECISION) break;
  }
  return d / fraction;
}
