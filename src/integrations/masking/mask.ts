import type { Connector, ConnectorSession, OutgoingRow } from '../connectors/connector.js';

/** Removes what must not be stored from a text that a system has answered. */
export type Mask = (text: string) => string;

const MASK = '[masked]';
/** A beginning of a secret at the end of a text, where a text was cut, is masked from this length on. */
const BEGINNING_MIN = 6;
const DIGITS_OF_A_PHONE = 6;

/**
 * Masks the secrets of a connector, also where they are encoded as for a header of basic authentication, and what names the
 * persons of the rows: their addresses, names and telephone numbers. A system may repeat the whole request in its answer.
 */
export function maskOf(connector: Connector, session: ConnectorSession, rows: readonly OutgoingRow[]): Mask {
  const fields = connector.describe().secrets;
  const secrets = fields.map(({ name }) => session.secret(name)).filter((secret) => secret !== '');
  let personal: RegExp | null | undefined;
  return (text) => {
    personal ??= patternOf(rows.flatMap(personalTexts));
    const withoutSecrets = secrets.reduce(withoutSecret, withoutEncoded(text, secrets));
    return personal ? withoutSecrets.replace(personal, MASK) : withoutSecrets;
  };
}

function withoutSecret(text: string, secret: string): string {
  const whole = spellingsOf(secret).reduce((rest, spelling) => rest.replaceAll(spelling, MASK), text);
  const length = beginningAtEnd(whole, secret);
  return length > 0 ? whole.slice(0, -length) + MASK : whole;
}

/** A run of base64 that is decoded to a text with a secret. */
function withoutEncoded(text: string, secrets: readonly string[]): string {
  return text.replace(/[A-Za-z0-9+/_-]{8,}={0,2}/g, (run) => {
    const decoded = Buffer.from(run, 'base64').toString('latin1');
    const hasSecret = secrets.some(
      (secret) => decoded.includes(secret) || beginningAtEnd(decoded, secret) > 0,
    );
    return hasSecret ? MASK : run;
  });
}

/** The length of the longest beginning of a secret that a text ends with; 0 if it is short. */
function beginningAtEnd(text: string, secret: string): number {
  for (let length = secret.length - 1; length >= BEGINNING_MIN; length -= 1)
    if (text.endsWith(secret.slice(0, length))) return length;
  return 0;
}

function personalTexts({ person: { email, name }, fields }: OutgoingRow): string[] {
  const words = (name ?? '').split(/\s+/).filter((word) => word.length > 1);
  const phones = Object.values(fields).filter(
    (value): value is string => typeof value === 'string' && isLikePhone(value),
  );
  return [email, ...(name ? [name] : []), ...words, ...phones].flatMap(spellingsOf);
}

function isLikePhone(text: string): boolean {
  return /^[+\d\s()./-]+$/.test(text) && text.replace(/\D/g, '').length >= DIGITS_OF_A_PHONE;
}

/** Whole words, the longest first; null without any. */
function patternOf(texts: readonly string[]): RegExp | null {
  const longestFirst = [...new Set(texts)].toSorted((one, other) => other.length - one.length);
  if (longestFirst.length === 0) return null;
  const escaped = longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`));
  return new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${escaped.join('|')})(?![\p{L}\p{N}])`, 'giu');
}

/** A text as it is, in a URL, and in JSON with and without other letters than those of ASCII. */
function spellingsOf(text: string): string[] {
  const inJson = JSON.stringify(text).slice(1, -1);
  const inAscii = inJson.replace(/[^\x20-\x7e]/g, (letter) => {
    return String.raw`\u` + letter.charCodeAt(0).toString(16).padStart(4, '0');
  });
  return [...new Set([text, encodeURIComponent(text), inJson, inAscii])];
}
