/** Currencies whose minor unit is the unit itself, and those with three decimals. https://docs.stripe.com/currencies */
const DECIMALS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    [
      'bif',
      'clp',
      'djf',
      'gnf',
      'jpy',
      'kmf',
      'krw',
      'mga',
      'pyg',
      'rwf',
      'vnd',
      'vuv',
      'xaf',
      'xof',
      'xpf',
    ].map((currency) => [currency, 0]),
  ),
  ...Object.fromEntries(['bhd', 'jod', 'kwd', 'omr', 'tnd'].map((currency) => [currency, 3])),
};

/** An amount in minor units for people to read, without the currency: `10.00`; nothing is `0`. */
export function moneyText(amountMinor: number, currency: string): string {
  if (amountMinor === 0) return '0';
  const decimals = Object.hasOwn(DECIMALS, currency) ? (DECIMALS[currency] as number) : 2;
  const digits = String(Math.abs(amountMinor)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = decimals === 0 ? '' : `.${digits.slice(-decimals)}`;
  return `${amountMinor < 0 ? '-' : ''}${whole}${fraction}`;
}
