import { AuditSettings } from '../../audit/audit.settings.js';
import { MailSettings } from '../../notifications/email/mail.settings.js';
import { isPrivateHost } from '../../platform/private-host.js';
import { DevelopmentSettings } from '../../platform/development/development.settings.js';
import { HttpSettings } from '../../platform/http/http.settings.js';
import { ProcessSettings } from '../../platform/process/process.settings.js';
import type { Environment } from '../../platform/settings/settings.js';
import { StripeSettings } from '../../platform/stripe/stripe.settings.js';
import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Check, note, ok, problem, warning, type Found } from './check.js';

const STRIPE_API = 'https://api.stripe.com';
const FREE_MIN_BYTES = 1024 ** 3;
const NODE_MIN = [20, 19] as const;

/** The problems of the variables, each by name. */
const configuration: Check = {
  name: 'configuration',
  needs: [],
  async look({ problems, environment }) {
    const mend = 'Set it; docs/configuration.md explains all variables';
    if (problems.length > 0) return problems.map((one) => problem(one, mend));
    if (isProduction(environment)) return [ok('Everything that production requires is set and well-formed')];
    return [
      warning(
        'NODE_ENV is not production: the settings that production requires are not checked',
        'Set NODE_ENV=production on a production machine',
      ),
    ];
  },
};

interface Configured {
  given: ReadonlySet<string>;
  http: HttpSettings;
  stripe: StripeSettings;
  mail: MailSettings;
}

interface Rule {
  holds: (configured: Configured) => boolean;
  otherwise: Found;
}

/** Valid settings that are seldom intended. */
const SETTINGS: readonly Rule[] = [
  {
    holds: ({ http }) => http.publicUrl.startsWith('https:'),
    otherwise: warning(
      'PUBLIC_URL is not https: Stripe only delivers to https, and mails get no one-click unsubscribe',
      'Put a proxy that ends TLS in front, and set PUBLIC_URL to its address',
    ),
  },
  {
    holds: ({ given, http }) => !given.has('APP_URL') || http.appUrl.startsWith('https:'),
    otherwise: warning(
      'APP_URL is not https: the buttons in mails lead to a page that is not encrypted',
      'Set APP_URL to the https address of the MINGUS application',
    ),
  },
  {
    holds: ({ given, http }) => !given.has('APP_URL') || !isSameUrl(http.appUrl, http.publicUrl),
    otherwise: warning(
      "APP_URL is PUBLIC_URL: the buttons in mails lead to this service's front page, not to MINGUS",
      'Set APP_URL to the address of the MINGUS application',
    ),
  },
  {
    holds: ({ stripe }) => [undefined, STRIPE_API].includes(stripe.apiUrl),
    otherwise: problem(
      'STRIPE_API_URL is not the API of Stripe: the secret key goes to another host, and that host decides what customers look like',
      `Remove STRIPE_API_URL (the default is ${STRIPE_API}); only tests and trials set it`,
    ),
  },
  {
    holds: ({ given }) => given.has('STRIPE_LIVEMODE'),
    otherwise: warning(
      'STRIPE_LIVEMODE is not set: test events create customers just as live events do',
      'Set STRIPE_LIVEMODE=true, or false for a trial',
    ),
  },
  {
    holds: ({ given }) => given.has('TRUSTED_PROXIES'),
    otherwise: warning(
      'TRUSTED_PROXIES is not set: behind a proxy all clients share one rate limit',
      'Set it to the addresses of the proxies in front',
    ),
  },
  {
    holds: ({ given }) => given.has('SERVICE_API_KEY'),
    otherwise: note('SERVICE_API_KEY is not set: the MINGUS application cannot call /users/…'),
  },
  {
    holds: ({ mail }) => (mail.bounceAddress === undefined) === !mail.webhookSecret,
    otherwise: note(
      'Only one of BOUNCE_ADDRESS and MAIL_WEBHOOK_SECRET is set: bounces can only be read from a mailbox file',
    ),
  },
  {
    holds: ({ mail }) => mail.tls !== 'opportunistic' || isPrivateHost(mail.host),
    otherwise: warning(
      'Mails may leave without TLS (SMTP_TLS)',
      'Set SMTP_TLS=required if the server offers STARTTLS, implicit on port 465',
    ),
  },
];

const settings: Check = {
  name: 'settings',
  needs: [],
  async look({ given, environment }) {
    if (!isProduction(environment)) return [note('Only checked with NODE_ENV=production')];
    const http = new HttpSettings(environment);
    const stripe = new StripeSettings(environment);
    const mail = new MailSettings(environment);
    const found = SETTINGS.filter(({ holds }) => !holds({ given, http, stripe, mail })).map(
      ({ otherwise }) => otherwise,
    );
    return found.length > 0 ? found : [ok('No setting looks like a mistake')];
  },
};

const machine: Check = {
  name: 'machine',
  needs: [],
  async look({ environment }) {
    const folder = isProduction(environment) ? '.' : new DevelopmentSettings(environment).dataDir;
    const { bavail, bsize } = await statfs(folder).catch(() => statfs('.'));
    return [nodeVersion(), freeSpace(bavail * bsize)];
  },
};

/** The file for the hashes of the audit. Workers write it. */
const auditHeads: Check = {
  name: 'audit heads',
  needs: [],
  async look({ environment }) {
    const { headsFile } = new AuditSettings(environment);
    if (!headsFile) return [note('AUDIT_HEADS_FILE is not set: the heads of the audit are only in the log')];
    if (!new ProcessSettings(environment).roles.worker) return [ok('Written by the workers')];
    const mayWrite = (path: string) => access(path, constants.W_OK);
    const error = await mayWrite(headsFile)
      .catch((fault: NodeJS.ErrnoException) => {
        if (fault.code !== 'ENOENT') throw fault;
        return mayWrite(dirname(headsFile));
      })
      .then(
        () => null,
        (fault: NodeJS.ErrnoException) => fault.code,
      );
    if (!error) return [ok(`${headsFile} can be written`)];
    return [
      problem(
        `AUDIT_HEADS_FILE cannot be written: ${error}`,
        'Create its folder and let the service write to it',
      ),
    ];
  },
};

function isProduction(environment: Environment): boolean {
  return new ProcessSettings(environment).isProduction;
}

function nodeVersion(): Found {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const isNew = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return isNew ? ok(`Node ${node}`) : problem(`Node ${node} is too old`, 'Install Node 20.19 or newer');
}

function freeSpace(bytes: number): Found {
  const free = `${(bytes / 1024 ** 3).toFixed(1)} GB free here; the disk of the database is not seen from here`;
  return bytes < FREE_MIN_BYTES ? warning(free, 'Free space, or enlarge the disk') : ok(free);
}

function isSameUrl(one: string, other: string): boolean {
  const withoutSlash = (url: string) => new URL(url).href.replace(/\/+$/, '');
  return withoutSlash(one) === withoutSlash(other);
}

export const CONFIGURATION_CHECKS: readonly Check[] = [configuration, settings, machine, auditHeads];
