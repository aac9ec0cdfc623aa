/** Values nested deeper are refused: PostgreSQL would refuse much deeper ones with an error. */
const DEPTH_MAX = 20;

/** An escape sequence that PostgreSQL cannot store: NUL, or half of a surrogate pair (both halves are stored as one). */
const UNSTORABLE = /\\u(0000|[dD][89a-fA-F])/;

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the text of a JSON document may hold characters that PostgreSQL cannot store. Most do not. */
export function mayBeUnstorable(text: string): boolean {
  return UNSTORABLE.test(text);
}

/** Whether no value lies deeper than twenty levels. */
export function isShallow(value: unknown, levels = DEPTH_MAX): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  for (const key in value) if (!isShallow((value as JsonObject)[key], levels - 1)) return false;
  return true;
}

/** The same value with U+FFFD in place of characters that PostgreSQL cannot store. */
export function toStorable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(toStorable);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [storableText(key), toStorable(one)]));
}

function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}
