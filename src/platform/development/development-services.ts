import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Environment } from '../config/environment.js';
import { lockDataDir } from './data-dir-lock.js';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { startMailbox } from './mailbox.js';

const DATABASE = 'mingus';

/** What the service brings along when it is not configured for production. */
export interface DevelopmentServices {
  /** The environment with everything filled in that was not set. */
  environment: Environment;
  /** Lines for the person who started it. */
  notes: string[];
  stop(): Promise<void>;
}

/**
 * Fills the gaps of a development environment: an embedded PostgreSQL, a local mailbox, secrets that
 * are generated once and kept in DATA_DIR. Whatever is configured is left alone.
 */
export async function startDevelopmentServices(environment: Environment): Promise<DevelopmentServices> {
  const unlock = lockDataDir(environment.DATA_DIR);
  const stops: (() => Promise<void> | void)[] = [unlock];
  const stop = async () => {
    for (const step of stops.toReversed()) await step();
  };
  try {
    const filled = { ...environment };
    const notes = fillSecrets(filled);
    filled.PUBLIC_URL ??= `http://localhost:${environment.PORT}`;
    filled.MAIL_FROM ??= 'MINGUS <hello@mingus.localhost>';
    if (!filled.SMTP_SERVER) {
      const mailbox = await startMailbox(
        environment.MAILBOX_SMTP_PORT,
        environment.MAILBOX_WEB_PORT,
        resolve(environment.DATA_DIR, 'mail'),
      );
      stops.push(() => mailbox.stop());
      Object.assign(filled, { SMTP_SERVER: '127.0.0.1', SMTP_PORT: environment.MAILBOX_SMTP_PORT });
      notes.push(`Mailbox    http://localhost:${environment.MAILBOX_WEB_PORT}`);
    }
    if (!filled.DATABASE_URL) {
      const postgres = await EmbeddedPostgres.start(environment.DATA_DIR);
      stops.push(() => postgres.stop());
      await postgres.createDatabase(DATABASE);
      filled.DATABASE_URL = postgres.urlOf(DATABASE);
      notes.push(`PostgreSQL embedded, port ${postgres.port}, data in ${environment.DATA_DIR}`);
    }
    return { environment: filled, notes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** File of the generated secrets inside DATA_DIR, for tools that talk to the local service. */
export function secretsFileOf(dataDir: string): string {
  return join(dataDir, 'development-secrets.json');
}

const SECRET_NAMES = [
  'STRIPE_WEBHOOK_SECRET',
  'ADMIN_API_KEY',
  'SERVICE_API_KEY',
  'LINK_SIGNING_KEYS',
] as const;

type Secrets = Pick<Environment, (typeof SECRET_NAMES)[number]>;

/** Sets the secrets that are not configured; prints them the one time they are generated. */
function fillSecrets(environment: Environment): string[] {
  const file = secretsFileOf(environment.DATA_DIR);
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>) : {};
  const secrets = { ...generateSecrets(), ...kept };
  const isNew = SECRET_NAMES.some((name) => !kept[name]);
  if (isNew) writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  const missing = SECRET_NAMES.filter((name) => !environment[name]);
  for (const name of missing) environment[name] = secrets[name];
  const printed = missing.filter((name) => !kept[name]);
  if (missing.length === 0) return [];
  if (printed.length === 0) return [`Secrets    ${file}`];
  return [
    `Secrets    generated, kept in ${file}:`,
    ...printed.map((name) => `             ${name}=${secrets[name]}`),
  ];
}

function generateSecrets(): Secrets {
  return {
    STRIPE_WEBHOOK_SECRET: `whsec_${randomBytes(24).toString('hex')}`,
    ADMIN_API_KEY: randomBytes(24).toString('hex'),
    SERVICE_API_KEY: randomBytes(24).toString('hex'),
    LINK_SIGNING_KEYS: randomBytes(24).toString('hex'),
  };
}
