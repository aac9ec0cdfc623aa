import { isDocumentPath } from './customer-document.js';
import { FIELD_POLICIES, MAPPING_FUNCTIONS } from './mapping.js';

const FIELDS_MAX = 200;
const RULE_KEYS = new Set(['from', 'constant', 'apply', 'values', 'when']);

/** The problems of a mapping that an operator gives; none if it is valid. @param canReadBack whether `ifEmpty` works */
export function problemsOf(mapping: unknown, canReadBack: boolean): string[] {
  if (!isRecord(mapping)) return ['mapping must be an object'];
  const fields = Object.entries(mapping);
  if (fields.length === 0 || fields.length > FIELDS_MAX)
    return [`mapping must have 1 to ${FIELDS_MAX} fields`];
  return fields.flatMap(([field, rule]) => {
    if (!/^[\w$. :/-]{1,128}$/.test(field) || field === '__proto__') return ['a field has an invalid name'];
    return problemsOfRule(rule, canReadBack).map((problem) => `${field}: ${problem}`);
  });
}

function problemsOfRule(rule: unknown, canReadBack: boolean): string[] {
  if (!isRecord(rule)) return ['must be an object'];
  const { from, constant, apply, values, when } = rule;
  const problems: string[] = [];
  if (Object.keys(rule).some((key) => !RULE_KEYS.has(key)))
    problems.push('has an unknown key; known are from, constant, apply, values, when');
  if ((from === undefined) === (constant === undefined)) problems.push('must have either from or constant');
  if (from !== undefined && (typeof from !== 'string' || from.length > 200 || !isDocumentPath(from)))
    problems.push('from is not a path of the customer');
  if (constant !== undefined && !isScalar(constant))
    problems.push('constant must be a text, a number or a flag');
  if (apply !== undefined && !(Array.isArray(apply) && apply.length <= 5 && apply.every(isFunctionName)))
    problems.push(`apply must list at most 5 of ${MAPPING_FUNCTIONS.join(', ')}`);
  if (values !== undefined && !isTable(values))
    problems.push('values must map at most 100 texts to texts, numbers or flags');
  if (when !== undefined && !FIELD_POLICIES.some((policy) => policy === when))
    problems.push(`when must be one of ${FIELD_POLICIES.join(', ')}`);
  if (when === 'ifEmpty' && !canReadBack)
    problems.push('the system cannot read back, so ifEmpty cannot be decided');
  return problems;
}

function isFunctionName(name: unknown): boolean {
  return MAPPING_FUNCTIONS.some((known) => known === name);
}

function isTable(values: unknown): boolean {
  return isRecord(values) && Object.keys(values).length <= 100 && Object.values(values).every(isScalar);
}

function isScalar(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= 1000;
  return Number.isFinite(value) || typeof value === 'boolean';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
