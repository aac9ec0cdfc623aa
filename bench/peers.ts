import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const FOLDER = fileURLToPath(new URL('.peers/', import.meta.url));
/** Exact versions, so that figures of two runs can be compared. */
const PEERS = { '@supabase/stripe-sync-engine': '0.48.5', stripe: '23.1.0' };

/** Installs the peers into their own folder if they are missing. It needs the npm registry. */
export async function installPeers(): Promise<void> {
  if (Object.entries(PEERS).every(([name, version]) => installedVersion(name) === version)) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}package.json`, JSON.stringify({ private: true, dependencies: PEERS }, null, 2));
  await promisify(execFile)('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
  });
}

/** The CommonJS build of a peer: the sync engine's ESM build does not find its own migrations. */
export function requirePeer(name: keyof typeof PEERS): unknown {
  return createRequire(`${FOLDER}package.json`)(name);
}

function installedVersion(name: string): string | null {
  const manifest = `${FOLDER}node_modules/${name}/package.json`;
  if (!existsSync(manifest)) return null;
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
