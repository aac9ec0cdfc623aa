import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { assertStandInsInstalled } from './development-packages.js';
import { lockDataDir } from './data-dir-lock.js';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { startMailbox } from './mailbox.js';
import { DevelopmentSettings } from './development.settings.js';
import { HttpSettings } from '../http/http.settings.js';
import { placeholdersFor } from '../settings/environment.js';
import type { Environment, Variable } from '../settings/settings.js';

const DATABASE = 'mingus';

type Filled = Partial<Record<string, string>>;

/** The local services of a development environment. */
export interface DevelopmentServices {
  /** The environment with values for all variables that were not set. */
  environment: Environment;
  /** Lines to print at the start. */
  notes: string[];
  stop(): Promise<void>;
}

/**
 * Fills the gaps of a development environment: an embedded PostgreSQL, a local mailbox, and secrets that are
 * generated once and kept in DATA_DIR. Configured values stay unchanged.
 */
export async function startDevelopmentServices(
  environment: Environment,
  variables: readonly Variable[],
): Promise<DevelopmentServices> {
  assertStandInsInstalled(environment);
  const { dataDir, mailboxSmtpPort, mailboxWebPort } = new DevelopmentSettings(environment);
  const unlock = lockDataDir(dataDir);
  const stops: (() => Promise<void> | void)[] = [unlock];
  const stop = async () => {
    for (const step of stops.toReversed()) await step();
  };
  try {
    const filled: Filled = { ...environment };
    const notes = fillSecrets(filled, variables, dataDir);
    filled.PUBLIC_URL ??= `http://localhost:${new HttpSettings({ ...placeholdersFor(variables), ...environment }).port}`;
    filled.APP_URL ??= filled.PUBLIC_URL;
    filled.MAIL_FROM ??= 'MINGUS <hello@mingus.localhost>';
    if (!filled.SMTP_SERVER) {
      const mailbox = await startMailbox(mailboxSmtpPort, mailboxWebPort, resolve(dataDir, 'mail'));
      stops.push(() => mailbox.stop());
      Object.assign(filled, { SMTP_SERVER: '127.0.0.1', SMTP_PORT: String(mailboxSmtpPort) });
      notes.push(`Mailbox    http://localhost:${mailboxWebPort}`);
    }
    if (!filled.DATABASE_URL) {
      const postgres = await EmbeddedPostgres.start(dataDir);
      stops.push(() => postgres.stop());
      await postgres.createDatabase(DATABASE);
      filled.DATABASE_URL = postgres.urlOf(DATABASE);
      notes.push(`PostgreSQL embedded, port ${postgres.port}, data in ${dataDir}`);
    }
    return { environment: filled, notes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The file of the generated secrets in DATA_DIR, for tools that call the local service. */
export function secretsFileOf(dataDir: string): string {
  return join(dataDir, 'development-secrets.json');
}

/** Sets the secrets that are not configured. They are printed once, when they are generated. */
function fillSecrets(environment: Filled, variables: readonly Variable[], dataDir: string): string[] {
  const file = secretsFileOf(dataDir);
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Environment) : {};
  const generated = variables.flatMap(({ name, generate }) =>
    generate ? [[name, generate()] as const] : [],
  );
  const secrets: Filled = { ...Object.fromEntries(generated), ...kept };
  const names = generated.map(([name]) => name);
  if (names.some((name) => !kept[name])) {
    writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  }
  const missing = names.filter((name) => !environment[name]);
  for (const name of missing) environment[name] = secrets[name];
  const printed = missing.filter((name) => !kept[name]);
  if (missing.length === 0) return [];
  if (printed.length === 0) return [`Secrets    ${file}`];
  return [
    `Secrets    generated, kept in ${file}:`,
    ...printed.map((name) => `             ${name}=${secrets[name]}`),
  ];
}
