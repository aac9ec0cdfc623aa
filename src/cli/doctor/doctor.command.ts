import { AppConfig } from '../../platform/config/app-config.js';
import { type Environment, InvalidEnvironment, readEnvironment } from '../../platform/config/environment.js';
import { type Check, type Finding, type Patient, run } from './check.js';
import { clock } from './clock.check.js';
import { CONFIGURATION_CHECKS } from './configuration.checks.js';
import { DATABASE_CHECKS } from './database.checks.js';
import { DoctorDatabase } from './doctor-database.js';
import { smtp } from './smtp.check.js';
import { STRIPE_CHECKS } from './stripe.checks.js';

/** In the order in which they are told. */
export const CHECKS: readonly Check[] = [
  ...CONFIGURATION_CHECKS,
  ...DATABASE_CHECKS,
  clock,
  smtp,
  ...STRIPE_CHECKS,
];

/** Stands for what is not given; the checks that need it are skipped. */
const PLACEHOLDERS: Partial<Environment> = {
  DATABASE_URL: 'postgres://localhost/none',
  STRIPE_WEBHOOK_SECRET: 'whsec_none',
  ADMIN_API_KEY: 'none',
  LINK_SIGNING_KEYS: 'none',
  SMTP_SERVER: 'localhost',
  MAIL_FROM: 'none@localhost',
  PUBLIC_URL: 'http://localhost',
};

/** What all checks find, in their order. @param source the environment */
export async function findingsOf(source: NodeJS.ProcessEnv): Promise<Finding[]> {
  const patient = admit(source);
  const findings = await Promise.all(CHECKS.map((check) => run(check, patient)));
  await patient.database.end();
  return findings.flat();
}

/**
 * Looks at everything the service depends on, and says what to mend.
 * @returns the exit code: 1 when there is a problem
 */
export async function doctor(source: NodeJS.ProcessEnv, isJson: boolean): Promise<number> {
  const findings = await findingsOf(source);
  const isWell = findings.every(({ state }) => state !== 'problem');
  process.stdout.write(isJson ? `${JSON.stringify({ ok: isWell, findings }, null, 2)}\n` : toTable(findings));
  return isWell ? 0 : 1;
}

/** Also with a configuration that does not hold: what is wrong is left out, and told. */
function admit(source: NodeJS.ProcessEnv): Patient {
  const { environment, problems } = examine(source);
  const set = Object.entries(environment).filter(
    ([name, value]) => value !== undefined && isSet(source[name]),
  );
  const filled = { ...PLACEHOLDERS, ...withoutGaps(environment), NODE_ENV: source.NODE_ENV || 'development' };
  const config = new AppConfig(filled as Environment);
  const given = new Set(set.map(([name]) => name));
  return { given, config, problems, database: new DoctorDatabase(config.database.url) };
}

function examine(source: NodeJS.ProcessEnv): { environment: Environment; problems: readonly string[] } {
  try {
    return { environment: readEnvironment(source), problems: [] };
  } catch (error) {
    if (!(error instanceof InvalidEnvironment)) throw error;
    const named = new Set(error.problems.flatMap((problem) => problem.match(/\b[A-Z][A-Z_]+\b/g) ?? []));
    const sound = Object.entries(source).filter(([name]) => !named.has(name));
    const rest = { ...Object.fromEntries(sound), NODE_ENV: 'test' };
    return { environment: readEnvironment(rest), problems: error.problems };
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function withoutGaps(environment: Environment): Partial<Environment> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
}

/** For people: what is well in one line, what is not with what to do. */
function toTable(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, state, detail, mend }) => {
    const indent = ' '.repeat(width + 11);
    const advice = mend ? `\n${indent}→ ${mend}` : '';
    return `${state.padEnd(9)} ${check.padEnd(width)} ${detail}${advice}`;
  });
  const count = (wanted: Finding['state']) => findings.filter(({ state }) => state === wanted).length;
  return `${lines.join('\n')}\n\n${count('problem')} problems, ${count('warning')} warnings\n`;
}
