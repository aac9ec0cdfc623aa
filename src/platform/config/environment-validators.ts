import { createPrivateKey } from 'node:crypto';
import { isIP } from 'node:net';
import { isEmail, isURL, ValidateBy, ValidateIf, type ValidationOptions } from 'class-validator';
import { readThresholds } from './alert-thresholds.js';
import { readRetentionDays } from './retention-days.js';
import { LANGUAGES, spokenLocale } from '../i18n/languages.js';

/** In production the variable must be set; elsewhere its rules apply only when it is. */
export function RequiredInProduction(): PropertyDecorator {
  return (target, property) => {
    const name = String(property);
    ValidateIf(
      (environment: Record<string, unknown>) =>
        environment[name] !== undefined || environment.NODE_ENV === 'production',
    )(target, property);
  };
}

function IsText(
  name: string,
  accepts: (text: string) => boolean,
  rule: string,
  options?: ValidationOptions,
): PropertyDecorator {
  return ValidateBy(
    {
      name,
      validator: {
        validate: (value: unknown) => typeof value === 'string' && accepts(value),
        defaultMessage: (args) =>
          args?.value === undefined ? '$property is required in production' : `$property ${rule}`,
      },
    },
    options,
  );
}

/** A `postgres://` URL. */
export const IsDatabaseUrl = () =>
  IsText(
    'isDatabaseUrl',
    (text) => /^postgres(ql)?:\/\/\S+$/.test(text) && URL.canParse(text),
    'must be a postgres:// URL',
  );

/** One or several comma-separated endpoint secrets (`whsec_…`), without white space. */
export const IsWebhookSecretList = () =>
  IsText(
    'isWebhookSecretList',
    (text) => text.split(',').every((secret) => /^whsec_[\x21-\x7e]{4,}$/.test(secret)),
    'must be one or several comma-separated whsec_… secrets without white space',
  );

/** A secret or restricted key of the Stripe API. */
export const IsStripeSecretKey = () =>
  IsText(
    'isStripeSecretKey',
    (text) => /^(sk|rk)_(test|live)_\S+$/.test(text),
    'must look like sk_live_… or sk_test_…',
  );

/** A host name or an IP address, without port. */
export const IsHost = () =>
  IsText('isHost', (text) => /^[A-Za-z0-9.:_-]{1,253}$/.test(text), 'must be a host name or an IP address');

/** `hello@mingus.app` or `MINGUS <hello@mingus.app>`. */
export const IsMailFrom = () =>
  IsText(
    'isMailFrom',
    (text) => isEmail(text, { allow_display_name: true }),
    'must be an address such as "MINGUS <hello@example.com>"',
  );

/** A bare address: `help@mingus.app`. */
export const IsEmailAddress = () =>
  IsText('isEmailAddress', (text) => isEmail(text), 'must be an address such as help@example.com');

/** One line of visible text. */
export const IsLine = (maxLength: number) =>
  IsText(
    'isLine',
    (text) =>
      /^[^\s\p{Cc}\p{Cf}]([^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*[^\s\p{Cc}\p{Cf}])?$/u.test(text) &&
      text.length <= maxLength,
    `must be one line of at most ${maxLength} characters, without white space around it`,
  );

/** `#rrggbb` */
export const IsColor = () =>
  IsText('isColor', (text) => /^#[0-9a-f]{6}$/i.test(text), 'must be a colour such as #0b6e4f');

/** A locale (BCP 47) of one of the languages there are texts in. */
export const IsSpokenLocale = () =>
  IsText(
    'isSpokenLocale',
    (text) => spokenLocale(text) === text,
    `must be a locale of one of the languages ${LANGUAGES.join(', ')}, such as en-GB`,
  );

/** Some of the names, each once, with commas between them. */
export const IsListOf = (names: readonly string[]) =>
  IsText(
    'isListOf',
    (text) => {
      const listed = text.split(',');
      return listed.every((name) => names.includes(name)) && new Set(listed).size === listed.length;
    },
    `must be a comma-separated list of ${names.join(', ')}`,
  );

/** An absolute http(s) URL without query or fragment; localhost is allowed. */
export const IsPublicUrl = () =>
  IsText(
    'isPublicUrl',
    (text) =>
      isURL(text, {
        protocols: ['http', 'https'],
        require_protocol: true,
        require_tld: false,
        allow_query_components: false,
        allow_fragments: false,
      }),
    'must be an absolute http(s) URL',
  );

/** Scheme, host and port of an HTTP server, nothing else: `https://api.stripe.com`. */
export const IsOrigin = () =>
  IsText(
    'isOrigin',
    (text) => /^https?:\/\/[^\s/?#@]+$/.test(text) && URL.canParse(text),
    'must be http(s)://host or http(s)://host:port, without a path',
  );

/** See `readThresholds`. */
export const IsAlertRules = () =>
  IsText(
    'isAlertRules',
    (text) => readThresholds(text) !== null,
    'must be such as {"disk_full":{"fire":0.8,"resolve":0.7}}: names of alerts, with enabled, fire, resolve (at most fire), forSeconds, clearSeconds',
  );

/** See `readRetentionDays`. */
export const IsRetentionDays = () =>
  IsText(
    'isRetentionDays',
    (text) => readRetentionDays(text) !== null,
    'must be such as notification_attempts=90,portal_links=30: tables of the README, at least 7 days each',
  );

/** An RSA key in PEM. */
export const IsPrivateKey = () =>
  IsText(
    'isPrivateKey',
    (text) => {
      try {
        return createPrivateKey(unfold(text)).asymmetricKeyType === 'rsa';
      } catch {
        return false;
      }
    },
    'must be an RSA private key in PEM',
  );

/** A PEM in one line has `\\n` for its line ends. */
export function unfold(pem: string): string {
  return pem.replaceAll('\\n', '\n');
}

const DEFAULT_KEY = /change.?me|example|default|password|your.?key/i;
/** A few characters over and over again. */
const REPEATED = /^(.{1,16}?)\1{2,}.{0,15}$/;

/** At least 32 printable characters, no white space, not a well-known default. */
export const IsSecretKey = () =>
  IsText(
    'isSecretKey',
    isSecretKey,
    'must be a random key of at least 32 characters without white space, not a default',
  );

/** One or several comma-separated keys, each as above. */
export const IsSecretKeyList = () =>
  IsText(
    'isSecretKeyList',
    (text) => text.split(',').every(isSecretKey) && new Set(text.split(',')).size === text.split(',').length,
    'must be one or several comma-separated random keys of at least 32 characters without white space, no defaults',
  );

function isSecretKey(text: string): boolean {
  return /^[\x21-\x7e]{32,}$/.test(text) && !DEFAULT_KEY.test(text) && !REPEATED.test(text);
}

/** Two times of day, `21:00-08:00`, or `off`. */
export const IsQuietHours = () =>
  IsText(
    'isQuietHours',
    (text) => {
      const [, from, to] = /^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)$/.exec(text) ?? [];
      return text === 'off' || (from !== undefined && from !== to);
    },
    'must be two different times of day such as 21:00-08:00, or off',
  );

/** Comma-separated addresses or networks: `10.0.0.0/8,::1`. */
export const IsNetworkList = () =>
  IsText(
    'isNetworkList',
    (text) => text.split(',').every(isNetwork),
    'must be comma-separated addresses or networks such as 10.0.0.0/8',
  );

function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return bits > 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits));
}

/** Which column of `USERS_TABLE` holds which field: `id=…,email=…,name=…,created_at=…`. */
export const IsUsersTableColumns = () =>
  IsText(
    'isUsersTableColumns',
    (text) => {
      const pairs = text
        .split(',')
        .map((pair) => /^(id|email|name|created_at)=[A-Za-z_][\w$]*$/.exec(pair)?.[1]);
      return pairs.length === 4 && new Set(pairs).size === 4 && !pairs.includes(undefined);
    },
    'must map the four fields: id=…,email=…,name=…,created_at=…',
  );

/** The bounds of a cron pattern's fields: minute, hour, day of the month, month, day of the week. */
const CRON_BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

function isCronField(field: string, [low, high]: readonly [number, number]): boolean {
  return field.split(',').every((part) => {
    const [, from, to, step] = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part) ?? [part];
    if (from === undefined && !part.startsWith('*')) return false;
    const isWithin = (text?: string) => text === undefined || (Number(text) >= low && Number(text) <= high);
    return isWithin(from) && isWithin(to) && Number(from ?? 0) <= Number(to ?? 59) && step !== '0';
  });
}

/** Five fields such as `41 3 * * *`, or `off`. */
export const IsCronPattern = () =>
  IsText(
    'isCronPattern',
    (text) => {
      const fields = text.split(' ');
      if (text === 'off') return true;
      return fields.length === 5 && CRON_BOUNDS.every((bounds, i) => isCronField(fields[i] ?? '', bounds));
    },
    'must be a cron pattern of five fields (UTC) such as "41 3 * * *", or off',
  );
