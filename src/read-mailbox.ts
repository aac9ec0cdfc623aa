import { existsSync, readFileSync } from 'node:fs';
import { readEnvironment, withPlaceholders } from './settings.js';
import { terminalTextOf } from './platform/terminal-text.js';

const FAILED = 1;
const BAD_ARGUMENTS = 2;

const USAGE = `Usage: node dist/read-mailbox.js <mailbox file>

Takes the bounces and complaints in a mailbox file (mbox). Reading the same file again changes nothing.
`;

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const [file] = args;
  if (args.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!file || args.length > 1) {
    process.stderr.write(USAGE);
    return BAD_ARGUMENTS;
  }
  if (existsSync('.env')) process.loadEnvFile('.env');
  const mailbox = readFileSync(file);
  const environment = readEnvironment({ LOG_LEVEL: 'error', ...process.env });
  if (!environment.DATABASE_URL) {
    process.stderr.write('DATABASE_URL is not set\n');
    return FAILED;
  }
  // Heavy modules are imported after the arguments are checked, so that invalid ones end the process at once.
  const [{ createContext }, { BouncesService }, { mailsOf }] = await Promise.all([
    import('./context.js'),
    import('./notifications/bounces/bounces.service.js'),
    import('./notifications/bounces/mbox.js'),
  ]);
  const mails = mailsOf(mailbox);
  const app = await createContext(withPlaceholders(environment));
  const counts: Record<string, number> = {};
  for (const mail of mails) {
    const outcome = await app.get(BouncesService).take(mail);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  await app.close();
  process.stdout.write(`${JSON.stringify({ mails: mails.length, ...counts })}\n`);
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: NodeJS.ErrnoException) => {
    const isFile = error.syscall === 'open' || error.syscall === 'read';
    process.stderr.write(`${isFile ? error.message : terminalTextOf(error)}\n`);
    process.exit(FAILED);
  },
);
