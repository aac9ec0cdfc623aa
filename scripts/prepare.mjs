// `npm ci` builds. Without development dependencies there is nothing to build with: then dist/ comes from elsewhere.
// With PREPARE_WITHOUT_BUILD it is built later.
import { execSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';

if (existsSync('node_modules/tsx') && process.env.PREPARE_WITHOUT_BUILD !== 'true')
  execSync('npm run build', { stdio: 'inherit' });

// npm links the programs of dependencies alone. With this link `npx mingus` works here, without npm's cache or a network.
const LINK = 'node_modules/.bin/mingus';
mkdirSync('node_modules/.bin', { recursive: true });
rmSync(LINK, { force: true });
symlinkSync('../../dist/cli/main.js', LINK);
