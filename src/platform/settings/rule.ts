import { isEmail, isURL } from 'class-validator';

/** A rule for the text of a variable, which also gives its value. */
export interface Rule<T = unknown> {
  /** Follows the variable's name in an error: `must be a whole number from 1 to 50`. */
  readonly must: string;
  /** The value; undefined when the text breaks the rule. */
  read(text: string): T | undefined;
}

/** Any text that `accepts` allows. */
export function text(must: string, accepts: (text: string) => boolean): Rule<string> {
  return { must, read: (given) => (accepts(given) ? given : undefined) };
}

/** The same rule with another value: `toValue` gets what the rule has read. */
export function readAs<T, U>({ must, read }: Rule<T>, toValue: (value: T) => U): Rule<U> {
  return {
    must,
    read: (given) => {
      const value = read(given);
      return value === undefined ? undefined : toValue(value);
    },
  };
}

/** Any text. */
export const anyText = text('must be a text', () => true);

export const matching = (pattern: RegExp, must: string) => text(must, (given) => pattern.test(given));

export const withoutWhiteSpace = matching(/^\S+$/, 'must not contain white space');

/** One of some words. */
export function oneOf<const W extends string>(...words: W[]): Rule<W> {
  return {
    must: `must be one of the following values: ${words.join(', ')}`,
    read: (given) => words.find((word) => word === given),
  };
}

/** `true` or `false`. */
export const flag = readAs(oneOf('true', 'false'), (word) => word === 'true');

/** A number without a fraction, from `min` to `max`, written in decimal digits: `0x10`, `1e3` and `+5` are refused. */
export function wholeNumber(min: number, max: number): Rule<number> {
  return {
    must: `must be a whole number from ${min} to ${max}`,
    read: (given) => {
      const number = /^-?\d+$/.test(given) ? Number(given) : Number.NaN;
      return number >= min && number <= max ? number : undefined;
    },
  };
}

/** Some of the words, each once, with commas between them. */
export function listOf<const W extends string>(words: readonly W[]): Rule<readonly W[]> {
  return {
    must: `must be a comma-separated list of ${words.join(', ')}`,
    read: (given) => {
      const listed = given.split(',').map((one) => words.find((word) => word === one));
      const isWhole = !listed.includes(undefined) && new Set(listed).size === listed.length;
      return isWhole ? (listed as W[]) : undefined;
    },
  };
}

/** An absolute http(s) URL without query or fragment; localhost is allowed. */
export const webUrl = text('must be an absolute http(s) URL', (given) =>
  isURL(given, {
    protocols: ['http', 'https'],
    require_protocol: true,
    require_tld: false,
    allow_query_components: false,
    allow_fragments: false,
  }),
);

/** A host name or an IP address, without port. */
export const hostName = matching(/^[A-Za-z0-9.:_-]{1,253}$/, 'must be a host name or an IP address');

/** A bare address: `help@mingus.app`. */
export const mailAddress = text('must be an address such as help@example.com', (given) => isEmail(given));

/** `hello@mingus.app` or `MINGUS <hello@mingus.app>`. */
export const mailbox = text('must be an address such as "MINGUS <hello@example.com>"', (given) =>
  isEmail(given, { allow_display_name: true }),
);

const DEFAULT_KEY = /change.?me|example|default|password|your.?key/i;
/** A few characters, repeated. */
const REPEATED = /^(.{1,16}?)\1{2,}.{0,15}$/;

/** At least 32 printable characters, no white space, not a well-known default. */
export const secretKey = text(
  'must be a random key of at least 32 characters without white space, not a default',
  isSecretKey,
);

/** One or several comma-separated keys, each a {@link secretKey}. */
export const secretKeys: Rule<readonly string[]> = {
  must: 'must be one or several comma-separated random keys of at least 32 characters without white space, no defaults',
  read: (given) => {
    const keys = given.split(',');
    return keys.every(isSecretKey) && new Set(keys).size === keys.length ? keys : undefined;
  },
};

function isSecretKey(given: string): boolean {
  return /^[\x21-\x7e]{32,}$/.test(given) && !DEFAULT_KEY.test(given) && !REPEATED.test(given);
}
