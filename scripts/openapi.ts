import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { format } from 'prettier';
import { readEnvironment } from '../src/settings.js';

/** Writes `openapi.json`. With `--check` it fails if the file differs from the built application. */
const { values: flags } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const FILE = 'openapi.json';

/** Imports from `dist`: only the compiler adds the comments to the document. */
async function built<T>(path: string): Promise<T> {
  return (await import(new URL(`../dist/${path}`, import.meta.url).href)) as T;
}

async function describe(): Promise<string> {
  const { describeApi } = await built<typeof import('../src/describe-api.js')>('describe-api.js');
  const { AppModule } = await built<typeof import('../src/app.module.js')>('app.module.js');
  const { createFastifyAdapter } = await built<typeof import('../src/platform/http/fastify-adapter.js')>(
    'platform/http/fastify-adapter.js',
  );
  const environment = readEnvironment({
    DATABASE_URL: 'postgres://nobody@127.0.0.1/none',
    STRIPE_WEBHOOK_SECRET: 'whsec_none',
    ADMIN_API_KEY: 'not-a-key-only-to-describe-the-api',
    LINK_SIGNING_KEYS: 'not-a-key-only-to-describe-the-api',
    SMTP_SERVER: '127.0.0.1',
    MAIL_FROM: 'nobody@mingus.localhost',
    PUBLIC_URL: 'http://localhost:3000',
    APP_URL: 'http://localhost:3000',
    SUPPORT_EMAIL: 'support@mingus.localhost',
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(environment),
    createFastifyAdapter(),
    {
      preview: true,
      logger: false,
    },
  );
  return format(JSON.stringify(describeApi(app)), { parser: 'json', printWidth: 110 });
}

const description = await describe();
if (!flags.check) {
  writeFileSync(FILE, description);
} else if (readFileSync(FILE, 'utf8') !== description) {
  process.stderr.write(
    'openapi.json is not what the application says: run "npm run openapi" and commit it\n',
  );
  process.exit(1);
}
