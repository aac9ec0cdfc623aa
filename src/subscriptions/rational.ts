/** An exact fraction. The denominator is positive. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const ZERO = rational(0n);

export function rational(numerator: bigint, denominator = 1n): Rational {
  return { numerator, denominator };
}

/** @param text a decimal number such as `12.345` */
export function ofDecimal(text: string): Rational {
  const [whole = '0', fraction = ''] = text.split('.');
  return rational(BigInt(whole + fraction), 10n ** BigInt(fraction.length));
}

export function plus(one: Rational, other: Rational): Rational {
  const { numerator, denominator } = one;
  if (denominator === other.denominator) return rational(numerator + other.numerator, denominator);
  return rational(
    numerator * other.denominator + other.numerator * denominator,
    denominator * other.denominator,
  );
}

export function times(one: Rational, other: Rational): Rational {
  return rational(one.numerator * other.numerator, one.denominator * other.denominator);
}

/** `one - other`, or 0 where that is less. */
export function minusAtMost(one: Rational, other: Rational): Rational {
  const difference = plus(one, rational(-other.numerator, other.denominator));
  return difference.numerator < 0n ? ZERO : difference;
}

/** The nearest whole number of a fraction of at least 0; a half is rounded up. */
export function rounded({ numerator, denominator }: Rational): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
