import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Check, note, ok, problem, warning, type Found, type Patient } from './check.js';

const FREE_MIN_BYTES = 1024 ** 3;
const NODE_MIN = [20, 19] as const;

/** What is wrong with the variables, each by name. */
const configuration: Check = {
  name: 'configuration',
  needs: [],
  async look({ problems, config }) {
    const mend = 'Set it; the README has the table of variables';
    if (problems.length > 0) return problems.map((one) => problem(one, mend));
    if (config.production) return [ok('Everything that production requires is set and well-formed')];
    return [
      warning(
        'NODE_ENV is not production: what production requires is not asked for',
        'Run with NODE_ENV=production where it is meant',
      ),
    ];
  },
};

interface Rule {
  holds: (patient: Patient) => boolean;
  otherwise: Found;
}

/** What boots, and is seldom meant. */
const SETTINGS: readonly Rule[] = [
  {
    holds: ({ config }) => config.http.publicUrl.startsWith('https:'),
    otherwise: warning(
      'PUBLIC_URL is not https: Stripe delivers to https alone, and mails have no one-click unsubscribe',
      'Put a proxy that ends TLS in front, and set PUBLIC_URL to its address',
    ),
  },
  {
    holds: ({ given }) => given.has('STRIPE_LIVEMODE'),
    otherwise: warning(
      'STRIPE_LIVEMODE is not set: test events set up customers as live ones do',
      'Set STRIPE_LIVEMODE=true, or false for a trial',
    ),
  },
  {
    holds: ({ given }) => given.has('TRUSTED_PROXIES'),
    otherwise: warning(
      'TRUSTED_PROXIES is not set: behind a proxy everybody shares one allowance of requests',
      'Set it to the addresses of the proxies in front',
    ),
  },
  {
    holds: ({ given }) => given.has('SERVICE_API_KEY'),
    otherwise: note('SERVICE_API_KEY is not set: the MINGUS application may not call /users/…'),
  },
  {
    holds: ({ config }) => (config.mail.bounceAddress === undefined) === !config.mail.webhookSecret,
    otherwise: note(
      'Of BOUNCE_ADDRESS and MAIL_WEBHOOK_SECRET one is set: bounces come back by a mailbox file',
    ),
  },
  {
    holds: ({ config }) => config.mail.tls !== 'opportunistic' || isLocal(config.mail.host),
    otherwise: warning(
      'Mails may leave without TLS (SMTP_TLS)',
      'Set SMTP_TLS=required if the server offers STARTTLS, implicit on port 465',
    ),
  },
];

const settings: Check = {
  name: 'settings',
  needs: [],
  async look(patient) {
    if (!patient.config.production) return [note('Looked at with NODE_ENV=production alone')];
    const found = SETTINGS.filter(({ holds }) => !holds(patient)).map(({ otherwise }) => otherwise);
    return found.length > 0 ? found : [ok('Nothing odd')];
  },
};

const machine: Check = {
  name: 'machine',
  needs: [],
  async look({ config }) {
    const folder = config.production ? '.' : config.dataDir;
    const { bavail, bsize } = await statfs(folder).catch(() => statfs('.'));
    return [nodeVersion(), freeSpace(bavail * bsize)];
  },
};

/** Where the audit's hashes leave the database. Workers write there. */
const auditHeads: Check = {
  name: 'audit heads',
  needs: [],
  async look({ config: { audit, roles } }) {
    if (!audit.headsFile)
      return [note('AUDIT_HEADS_FILE is not set: heads of the audit are in the log alone')];
    if (!roles.worker) return [ok('Written by the workers')];
    const mayWrite = (path: string) => access(path, constants.W_OK);
    const error = await mayWrite(audit.headsFile)
      .catch((fault: NodeJS.ErrnoException) => {
        if (fault.code !== 'ENOENT') throw fault;
        return mayWrite(dirname(audit.headsFile ?? ''));
      })
      .then(
        () => null,
        (fault: NodeJS.ErrnoException) => fault.code,
      );
    if (!error) return [ok(`${audit.headsFile} can be written`)];
    return [
      problem(`AUDIT_HEADS_FILE cannot be written: ${error}`, 'Make its folder, writable by the service'),
    ];
  },
};

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

function isLocal(host: string): boolean {
  return ['localhost', '127.0.0.1', '::1'].includes(host);
}

export const CONFIGURATION_CHECKS: readonly Check[] = [configuration, settings, machine, auditHeads];
