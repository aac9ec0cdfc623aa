import { existsSync, readFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { BouncesService } from './notifications/bounces/bounces.service.js';
import { mailsOf } from './notifications/bounces/mbox.js';
import { AppConfig } from './platform/config/app-config.js';
import { readEnvironment } from './platform/config/environment.js';

/** `node dist/read-mailbox.js <file>`: takes the bounces in a mailbox file; again changes nothing. */
async function main([file]: readonly string[]): Promise<void> {
  if (!file) throw new Error('Usage: node dist/read-mailbox.js <mailbox file>');
  if (existsSync('.env')) process.loadEnvFile('.env');
  const mails = mailsOf(readFileSync(file));
  const config = new AppConfig(readEnvironment(process.env));
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(config), { logger: ['error'] });
  const counts: Record<string, number> = {};
  for (const mail of mails) {
    const outcome = await app.get(BouncesService).take(mail);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  await app.close();
  process.stdout.write(`${JSON.stringify({ mails: mails.length, ...counts })}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
