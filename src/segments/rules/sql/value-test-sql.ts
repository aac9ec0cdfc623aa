import type { Scalar, ValueTest } from '../rule.js';
import { DECIMAL } from '../values.js';
import { float, literal, matches } from './literals.js';

/** SQL of a value in the forms that tests compare. All are null where the value is missing. */
export interface Operand {
  /** The value if it is a text. */
  text: string;
  /** The value if it is a number, or a text that is one. */
  number: string;
  /** The value if it is true or false. */
  boolean: string;
  isPresent: string;
}

/** A value of a jsonb object. */
export function jsonOperand(column: string, key: string): Operand {
  const [json, text] = [`(${column} -> ${literal(key)})`, `(${column} ->> ${literal(key)})`];
  return {
    text: `case jsonb_typeof(${json}) when 'string' then ${text} end`,
    number: `case when ${matches(text, DECIMAL)} then ${text}::float8 end`,
    boolean: `case jsonb_typeof(${json}) when 'boolean' then ${text}::boolean end`,
    isPresent: `${text} <> ''`,
  };
}

/** A column of type text; an empty text is a missing one. */
export function textOperand(column: string): Operand {
  const text = `nullif(${column}, '')`;
  return { text, number: 'null::float8', boolean: 'null::boolean', isPresent: `${text} is not null` };
}

export function booleanOperand(column: string): Operand {
  return { text: 'null', number: 'null::float8', boolean: column, isPresent: `${column} is not null` };
}

/** SQL of the test. It is null where a comparison has no answer. */
export function valueTestSql(test: ValueTest, operand: Operand): string {
  if ('equals' in test) return oneOf([test.equals], operand);
  if ('in' in test) return oneOf(test.in, operand);
  if ('contains' in test) return `strpos(${operand.text}, ${literal(test.contains)}) > 0`;
  if ('present' in test) return `(${operand.isPresent})`;
  if ('greaterThan' in test) return `${operand.number} > ${float(test.greaterThan)}`;
  return `${operand.number} < ${float(test.lessThan)}`;
}

function oneOf(values: readonly Scalar[], { text, number, boolean }: Operand): string {
  const texts = values.filter((value) => typeof value === 'string').map(literal);
  const numbers = values.filter((value) => typeof value === 'number').map(float);
  const booleans = values.filter((value) => typeof value === 'boolean').map(String);
  const tests = [
    [text, texts],
    [number, numbers],
    [boolean, booleans],
  ] as const;
  const used = tests.filter(([, constants]) => constants.length > 0);
  return `(${used.map(([operand, constants]) => `${operand} in (${constants.join(', ')})`).join(' or ')})`;
}
