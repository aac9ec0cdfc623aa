/**
 * What both back-ends recognise in a text. The patterns mean the same in JavaScript and in PostgreSQL, and a text that
 * matches can be cast without an error.
 */

/** A decimal number. */
export const DECIMAL = /^-?[0-9]{1,21}([.][0-9]{1,100})?$/;

/** ISO 8601 in UTC with whole milliseconds, in the years 2000 to 2099. */
export const ISO_TIME = new RegExp(
  '^20(' +
    '[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|' +
    '[0-9]{2}-(0[13-9]|1[0-2])-(29|30)|' +
    '[0-9]{2}-(0[13578]|1[02])-31|' +
    '([02468][048]|[13579][26])-02-29' +
    ')T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{3})?Z$',
);

/** Lower case of the 26 letters of ASCII, as PostgreSQL has it in the collation "C". */
export function folded(text: string): string {
  const isAscii = /^[\0-\x7f]*$/.test(text);
  return isAscii ? text.toLowerCase() : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The number that a value is or spells; null where it is none. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Math.abs(value) < 1e21 ? value : null;
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : null;
}

/** A text that is there and not empty, else null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Milliseconds since 1970; null for a text of any other form. */
export function timeOf(value: unknown): number | null {
  return typeof value === 'string' && ISO_TIME.test(value) ? Date.parse(value) : null;
}
