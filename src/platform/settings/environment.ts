import { readFileSync } from 'node:fs';
import { type Environment, rulesOf, type SettingsClass, type Variable } from './settings.js';

/** An invalid configuration. `problems` name every missing or malformed variable, never a value. */
export class InvalidEnvironment extends Error {
  constructor(readonly problems: string[]) {
    super(`Invalid configuration:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/**
 * Checks the variables that are declared and leaves out all others. An empty variable counts as not set.
 * @throws InvalidEnvironment with all problems at once
 */
export function checkEnvironment(classes: readonly SettingsClass[], source: NodeJS.ProcessEnv): Environment {
  const problems: string[] = [];
  const given: Record<string, string> = {};
  for (const variable of variablesOf(classes)) {
    const text = textOf(variable, source, problems);
    if (text) given[variable.name] = text;
  }
  problems.push(
    ...variablesOf(classes).flatMap((variable) => problemOf(variable, given) ?? []),
    ...classes.flatMap(({ problemsOf }) => problemsOf?.(given) ?? []),
  );
  if (problems.length > 0) throw new InvalidEnvironment(problems);
  return given;
}

/** Values for required variables that a command does not use: nothing connects to them. */
export function placeholdersFor(variables: readonly Variable[]): Environment {
  const required = variables.filter((variable) => variable.required);
  const values = required.map(
    ({ name, placeholder, generate }) => [name, placeholder ?? generate?.()] as const,
  );
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** The variables of some settings, in the order of their declaration. */
export function variablesOf(classes: readonly SettingsClass[]): Variable[] {
  return classes.flatMap(({ variables }) => Object.values(variables));
}

function problemOf(variable: Variable, given: Environment): string | undefined {
  const { name, required } = variable;
  const text = given[name];
  if (text === undefined) {
    return required && given.NODE_ENV === 'production' ? `${name} is required in production` : undefined;
  }
  const broken = rulesOf(variable).find((rule) => rule.read(text) === undefined);
  return broken && `${name} ${broken.must}`;
}

/** The text of a variable, or of its file. Faults are added to `problems`. */
function textOf({ name, file = '' }: Variable, source: NodeJS.ProcessEnv, problems: string[]) {
  const path = source[file];
  if (!path) return source[name];
  if (source[name]) problems.push(`${name} and ${file} must not both be set`);
  try {
    return source[name] || readFileSync(path, 'utf8');
  } catch {
    problems.push(`${file} cannot be read`);
    return undefined;
  }
}
