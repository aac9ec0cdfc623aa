import type { Rule } from './rule.js';

/**
 * The variables of the service by name, as checked texts; variables that are not set are missing. See
 * `readEnvironment`.
 */
export type Environment = Readonly<Partial<Record<string, string>>>;

/** One environment variable. */
export interface Variable<T = unknown> {
  readonly name: string;
  /** The first rule gives the value; further rules only check. */
  readonly rule: Rule<T> | readonly [Rule<T>, ...Rule[]];
  /** The effect of the variable, in one or two sentences for operators. */
  readonly meaning: string;
  /** The text that is used if the variable is not set. */
  readonly default?: string;
  /** The default with `NODE_ENV=production`, if it differs. */
  readonly defaultInProduction?: string;
  /** For the documents: the effect if the variable is not set and has no default text. */
  readonly otherwise?: string | (() => string);
  /** Whether production does not start without the variable. */
  readonly required?: 'in production';
  /**
   * The value outside production. Development services replace it; commands that do not use the variable keep
   * it.
   */
  readonly placeholder?: string;
  /** Makes a value outside production, which development keeps. */
  readonly generate?: () => string;
  readonly isSecret?: boolean;
  /** A second variable that names a file with the value. */
  readonly file?: string;
}

type Variables = Readonly<Record<string, Variable>>;

type Value<V extends Variable> = V['rule'] extends Rule<infer T> | readonly [Rule<infer T>, ...Rule[]]
  ? V extends
      { default: string } | { required: string; placeholder: string } | { required: string; generate: object }
    ? T
    : T | undefined
  : never;

interface SettingsOptions {
  /**
   * The problems of a combination of variables.
   * @param given their texts, each of which may be invalid
   */
  readonly problemsOf?: (given: Environment) => string[];
}

/** The settings of one module: a class to inject, and to construct from an environment. */
export interface SettingsClass<Instance = object> extends SettingsOptions {
  readonly title: string;
  readonly variables: Variables;
  new (environment: Environment): Instance;
}

/**
 * Declares the variables of one module. Extend the result; its instances have a property for each variable, and
 * getters of the subclass add derived values. List the class in `src/settings.ts`.
 * @param title the heading in docs/configuration.md
 */
export function settings<const V extends Variables>(
  title: string,
  variables: V,
  options: SettingsOptions = {},
): SettingsClass<{ readonly [P in keyof V]: Value<V[P]> }> {
  class Settings {
    static readonly title = title;
    static readonly variables = variables;
    static readonly problemsOf = options.problemsOf;

    constructor(environment: Environment) {
      for (const [property, variable] of Object.entries(variables)) {
        Object.defineProperty(this, property, { value: valueOf(variable, environment), enumerable: true });
      }
    }
  }
  return Settings as unknown as SettingsClass<{ readonly [P in keyof V]: Value<V[P]> }>;
}

function valueOf(variable: Variable, environment: Environment): unknown {
  const { name, default: usual, defaultInProduction, required, placeholder, generate } = variable;
  const isProduction = environment.NODE_ENV === 'production';
  const text = environment[name] ?? (isProduction ? (defaultInProduction ?? usual) : usual);
  if (text === undefined && required && (placeholder ?? generate)) throw new Error(`${name} is not set`);
  if (text === undefined) return undefined;
  const value = rulesOf(variable)[0].read(text);
  if (value === undefined) throw new Error(`${name} has not been checked`);
  return value;
}

/** All rules of a variable, that of its value first. */
export function rulesOf({ rule }: Variable): readonly [Rule, ...Rule[]] {
  return 'read' in rule ? [rule] : rule;
}
