import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { POSTGRES_PACKAGE } from './development-packages.js';

/**
 * The folder for files that the unprivileged server cannot reach elsewhere (a clone or DATA_DIR below 0700).
 */
const SHARED_PLACE = '/var/lib/mingus-onboarding';

/** The programs and files of the embedded server, and its user. */
export interface PostgresPlace {
  /** Folder of `data` and `password`. */
  home: string;
  dataDir: string;
  passwordFile: string;
  binary: (name: 'initdb' | 'postgres') => string;
  /** The ids of the unprivileged system user that runs the server if this process is root: PostgreSQL refuses root. */
  identity: { uid?: number; gid?: number };
}

/** Finds or creates a place that the user of the server can reach. */
export function placePostgres(dataDir: string): PostgresPlace {
  const identity = process.getuid?.() === 0 ? unprivilegedUser() : {};
  const native = placeBinaries(identity);
  const home = placeHome(resolve(dataDir), identity);
  return {
    home,
    dataDir: join(home, 'data'),
    passwordFile: join(home, 'password'),
    binary: (name) => join(native, 'bin', name),
    identity,
  };
}

/** Makes the user of the server the owner of a path. */
export function giveTo(identity: PostgresPlace['identity'], path: string): void {
  if (identity.uid !== undefined && identity.gid !== undefined) chownSync(path, identity.uid, identity.gid);
}

function unprivilegedUser(): { uid: number; gid: number } {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!user) throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody"');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

function placeBinaries({ uid }: PostgresPlace['identity']): string {
  const packageDir = join(dirname(createRequire(import.meta.url).resolve(POSTGRES_PACKAGE)), '..');
  const native = join(packageDir, 'native');
  linkLibraries(packageDir);
  if (uid === undefined || isReachable(native)) return native;
  const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(SHARED_PLACE, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  const partial = `${copy}.${process.pid}`;
  mkdirSync(SHARED_PLACE, { recursive: true, mode: 0o755 });
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  openForOthers(partial);
  if (!existsSync(copy)) renameSync(partial, copy);
  return copy;
}

/**
 * Does the same as the install script of the package, because scripts may be disabled (`--ignore-scripts`).
 */
function linkLibraries(packageDir: string): void {
  const list = join(packageDir, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(packageDir, target);
    if (!existsSync(path)) symlinkSync(join(packageDir, source), path);
  }
}

function placeHome(dataDir: string, identity: PostgresPlace['identity']): string {
  mkdirSync(dataDir, { recursive: true });
  const pointer = join(dataDir, 'postgres-location');
  let home = existsSync(pointer) ? readFileSync(pointer, 'utf8') : join(dataDir, 'postgres');
  if (identity.uid !== undefined && home.startsWith(dataDir) && !isReachable(dirname(dataDir))) {
    home = join(SHARED_PLACE, randomUUID());
    writeFileSync(pointer, home);
  }
  mkdirSync(home, { recursive: true, mode: 0o755 });
  if (identity.uid !== undefined) openForOthers(dirname(home));
  giveTo(identity, home);
  return home;
}

/** Whether any user may enter the folder and all above it. */
function isReachable(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false;
  return dirname(path) === path || isReachable(dirname(path));
}

function openForOthers(folder: string): void {
  chmodSync(folder, statSync(folder).mode | 0o055);
}
