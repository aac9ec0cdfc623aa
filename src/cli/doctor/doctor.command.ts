import { DatabaseSettings } from '../../platform/database/database.settings.js';
import { InvalidEnvironment, placeholdersFor, variablesOf } from '../../platform/settings/environment.js';
import type { Environment } from '../../platform/settings/settings.js';
import { readEnvironment, SETTINGS } from '../../settings.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';
import { type Check, type Finding, type Patient, run } from './check.js';
import { clock } from './clock.check.js';
import { CONFIGURATION_CHECKS } from './configuration.checks.js';
import { DATABASE_CHECKS } from './database.checks.js';
import { DoctorDatabase } from './doctor-database.js';
import { OPERATION_CHECKS } from './operation.checks.js';
import { smtp } from './smtp.check.js';
import { STRIPE_CHECKS } from './stripe.checks.js';

/** In the order of the output. */
export const CHECKS: readonly Check[] = [
  ...CONFIGURATION_CHECKS,
  ...DATABASE_CHECKS,
  clock,
  smtp,
  ...STRIPE_CHECKS,
  ...OPERATION_CHECKS,
];

/** The findings of all checks, in their order. @param source the environment */
export async function findingsOf(source: NodeJS.ProcessEnv): Promise<Finding[]> {
  const patient = admit(source);
  const findings = await Promise.all(CHECKS.map((check) => run(check, patient)));
  await patient.database.end();
  return withoutRepeats(findings.flat());
}

/** A problem of several checks is reported by the first of them; a skipped check is reported once. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const reported = new Set<string>();
  return findings.filter(({ check, state, detail }) => {
    const key = state === 'skipped' ? `${check}: ${detail}` : detail;
    const isNew = !reported.has(key);
    reported.add(key);
    return isNew;
  });
}

/**
 * Checks everything that the service depends on, and prints remedies.
 * @returns the exit code: 1 if there is a problem
 */
export async function doctor(source: NodeJS.ProcessEnv, _args: object, output: Output): Promise<number> {
  const findings = await findingsOf(source);
  const isWell = findings.every(({ state }) => state !== 'problem');
  output.line(toTable(findings));
  output.document({ ok: isWell, findings });
  return isWell ? EXIT.done : EXIT.failed;
}

/** Accepts an invalid configuration: missing or wrong variables get placeholders. */
function admit(source: NodeJS.ProcessEnv): Patient {
  const { environment: sound, problems } = examine(source);
  const { NODE_ENV } = source;
  const environment = {
    ...placeholdersFor(variablesOf(SETTINGS)),
    ...sound,
    NODE_ENV: NODE_ENV === 'production' ? NODE_ENV : 'development',
  };
  const { url } = new DatabaseSettings(environment);
  return { given: new Set(Object.keys(sound)), environment, problems, database: new DoctorDatabase(url) };
}

function examine(source: NodeJS.ProcessEnv): { environment: Environment; problems: readonly string[] } {
  try {
    return { environment: readEnvironment(source), problems: [] };
  } catch (error) {
    if (!(error instanceof InvalidEnvironment)) throw error;
    const named = new Set(error.problems.flatMap((problem) => problem.match(/\b[A-Z][A-Z_]+\b/g) ?? []));
    for (const { name, file } of variablesOf(SETTINGS)) if (file && named.has(name)) named.add(file);
    const sound = Object.entries(source).filter(([name]) => !named.has(name));
    const rest = { ...Object.fromEntries(sound), NODE_ENV: 'test' };
    return { environment: examine(rest).environment, problems: error.problems };
  }
}

/** A table for people: good findings in one line, the others with their remedy. */
function toTable(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, state, detail, mend }) => {
    const indent = ' '.repeat(width + 11);
    const advice = mend ? `\n${indent}→ ${mend}` : '';
    return `${state.padEnd(9)} ${check.padEnd(width)} ${detail}${advice}`;
  });
  const count = (wanted: Finding['state']) => findings.filter(({ state }) => state === wanted).length;
  return `${lines.join('\n')}\n\n${count('problem')} problems, ${count('warning')} warnings`;
}
