import type { EntityManager } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';
import type { Arm } from '../definitions/arm.js';
import type { Experiment } from '../definitions/experiment.entity.js';
import type { GoalLimits } from './goal-limits.service.js';

/** What a draft consists of. */
export type Draft = Pick<Experiment, 'description' | 'namespace' | 'segment' | 'goals' | 'guardrails'> & {
  arms: Arm[];
  coverage: number;
};

const PARAMETERS_MAX_BYTES = 2048;
const ROUNDING = 1e-6;
/** Of all users, for an arm that has any. */
const SHARE_MIN = 0.01;

/**
 * @param limits of what can be measured here
 * @throws DomainError experiment_invalid with each problem
 */
export async function checkDraft(manager: EntityManager, draft: Draft, limits: GoalLimits): Promise<void> {
  const { arms, namespace, segment, goals, guardrails } = draft;
  const problems = [
    ...weightProblems(arms, draft.coverage),
    ...limits.problemsOf(goals),
    ...repeated(
      'arms: the key',
      arms.map(({ key }) => key),
    ),
    ...repeated(
      'goals: the name',
      goals.map(({ name }) => name),
    ),
    ...repeated(
      'guardrails: the type',
      guardrails.map(({ type }) => type),
    ),
    ...(namespace && namespace.from >= namespace.to ? ['namespace: from must be less than to'] : []),
    ...arms.flatMap(parameterProblems),
    ...(await versionProblems(manager, arms)),
    ...(segment === null ? [] : await segmentProblems(manager, segment)),
  ];
  refuse(problems);
}

/**
 * Checks new weights of the same arms.
 * @throws DomainError experiment_invalid
 */
export function checkWeights(
  arms: readonly Arm[],
  weights: readonly Pick<Arm, 'key' | 'weight'>[],
  coverage: number,
): void {
  const keys = arms.map(({ key }) => key);
  const isSame = keys.join() === weights.map(({ key }) => key).join();
  refuse([
    ...(isSame ? [] : [`arms: the keys must be ${keys.join(', ')}`]),
    ...weightProblems(weights, coverage),
  ]);
}

function refuse(problems: string[]): void {
  if (problems.length > 0)
    throw new DomainError('experiment_invalid', 'The experiment has problems', problems);
}

function weightProblems(arms: readonly Pick<Arm, 'key' | 'weight'>[], coverage: number): string[] {
  const sum = arms.reduce((total, { weight }) => total + weight, 0);
  const isEnough = arms.filter(({ weight }) => weight > 0).length >= 2;
  return [
    ...(Math.abs(sum - 1) > ROUNDING ? [`arms: the weights add up to ${sum}, not to 1`] : []),
    ...(isEnough ? [] : ['arms: at least two weights must be greater than 0']),
    ...arms.flatMap(({ key, weight }) => shareProblems(key, coverage * weight)),
  ];
}

/** The hash has 10,000 buckets. With few of them the share of an arm would differ from what is declared. */
function shareProblems(key: string, share: number): string[] {
  if (share === 0 || share > SHARE_MIN - ROUNDING) return [];
  return [
    `arms: ${key} has the share ${share} of all users (coverage times weight), less than ${SHARE_MIN}: users are spread over 10000 buckets, and an arm needs 100 of them`,
  ];
}

function repeated(what: string, names: readonly string[]): string[] {
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => `${what} ${name} is there twice`);
}

function parameterProblems({ key, treatment: { parameters } }: Arm): string[] {
  const isFlat = Object.values(parameters).every((value) => FLAT.has(typeof value));
  const bytes = Buffer.byteLength(JSON.stringify(parameters));
  return [
    ...(isFlat ? [] : [`arms: the parameters of ${key} must be texts, numbers or truth values`]),
    ...(bytes > PARAMETERS_MAX_BYTES
      ? [`arms: the parameters of ${key} have ${bytes} bytes, more than 2048`]
      : []),
  ];
}

const FLAT: ReadonlySet<string> = new Set(['string', 'number', 'boolean']);

async function versionProblems(manager: EntityManager, arms: readonly Arm[]): Promise<string[]> {
  const chosen = arms.flatMap(({ treatment }) => treatment.messages).filter(hasVersion);
  const missing = await manager.query<{ kind: string; version: number }[]>(MISSING_VERSIONS, [
    JSON.stringify(chosen),
  ]);
  return missing.map(
    ({ kind, version }) => `arms: no language has a version ${version} of the template ${kind}`,
  );
}

const hasVersion = ({ templateVersion = 0 }: { templateVersion?: number }) => templateVersion > 0;

async function segmentProblems(manager: EntityManager, segment: string): Promise<string[]> {
  const found = await manager.query<unknown[]>('select from segments where name = $1', [segment]);
  return found.length > 0 ? [] : [`segment: there is no segment ${segment}`];
}

const MISSING_VERSIONS = `
  select distinct kind, "templateVersion" as version
  from json_to_recordset($1::json) as chosen (kind text, "templateVersion" integer)
  where not exists (
    select from template_overrides t where t.kind = chosen.kind and t.version = "templateVersion")`;
