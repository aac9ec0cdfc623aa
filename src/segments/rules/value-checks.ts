import { isTimeZone } from '../../platform/time-zone.js';
import { ISO_TIME } from './values.js';

/** What is wrong with a rule, and where: `all[0].not.in[2]`; an empty path is the whole rule. */
export interface RuleProblem {
  path: string;
  code: RuleProblemCode;
  detail: string;
}

export type RuleProblemCode =
  | 'wrong_type'
  | 'unknown_key'
  | 'unknown_value'
  | 'missing'
  | 'ambiguous'
  | 'out_of_range'
  | 'too_deep'
  | 'too_many_conditions'
  | 'unknown_zone'
  | 'unknown_segment';

/** Where a value stands in the rule that is being read, and where its problems go. */
export class Place {
  constructor(
    readonly path: string,
    readonly depth: number,
    readonly reading: {
      problems: RuleProblem[];
      conditions: number;
      segments: { has(name: string): boolean };
    },
  ) {}

  in(key: string): Place {
    return this.at(this.path === '' ? key : `${this.path}.${key}`);
  }

  nth(index: number): Place {
    return this.at(`${this.path}[${index}]`);
  }

  deeper(): Place {
    return new Place(this.path, this.depth + 1, this.reading);
  }

  report(code: RuleProblemCode, detail: string): undefined {
    this.reading.problems.push({ path: this.path, code, detail });
  }

  private at(path: string): Place {
    return new Place(path, this.depth, this.reading);
  }
}

/** Returns the value in its stored form, or reports what is wrong with it. */
export type Check = (value: unknown, place: Place) => unknown;

const MAX_LIST = 100;

/** A text that is not empty, and that PostgreSQL can store. */
export function text(maxLength: number): Check {
  return (value, place) => {
    if (typeof value !== 'string') return place.report('wrong_type', 'A text is expected.');
    if (value === '' || value.length > maxLength) {
      return place.report('out_of_range', `A text has 1 to ${maxLength} characters.`);
    }
    if (value.includes('\0') || !value.isWellFormed()) {
      return place.report('out_of_range', 'A text has no NUL and no half of a surrogate pair.');
    }
    return value;
  };
}

export function integer(min: number, max: number): Check {
  return (value, place) => {
    if (!Number.isInteger(value)) return place.report('wrong_type', 'An integer is expected.');
    return number(min, max)(value, place);
  };
}

export function number(min: number, max: number): Check {
  return (value, place) => {
    if (typeof value !== 'number') return place.report('wrong_type', 'A number is expected.');
    if (value >= min && value <= max) return value;
    return place.report('out_of_range', `The number must be from ${min} to ${max}.`);
  };
}

export const boolean: Check = (value, place) =>
  typeof value === 'boolean' ? value : place.report('wrong_type', 'true or false is expected.');

export const onlyTrue: Check = (value, place) =>
  value === true ? value : place.report('unknown_value', 'Only true is possible; `not` is the opposite.');

export function oneOf(choices: readonly string[]): Check {
  return (value, place) =>
    choices.some((choice) => choice === value)
      ? value
      : place.report('unknown_value', `One of these is expected: ${choices.join(', ')}.`);
}

export function listOf(check: Check): Check {
  return (value, place) => {
    if (!Array.isArray(value)) return place.report('wrong_type', 'A list is expected.');
    if (value.length === 0 || value.length > MAX_LIST) {
      return place.report('out_of_range', `A list has 1 to ${MAX_LIST} entries.`);
    }
    return value.map((entry: unknown, index) => check(entry, place.nth(index)));
  };
}

/** ISO 8601 in UTC, from the year 2000 to 2099. */
export const time: Check = (value, place) => {
  if (typeof value === 'string' && ISO_TIME.test(value)) return value;
  return place.report('wrong_type', 'A time such as 2026-03-01T00:00:00Z is expected.');
};

export const zone: Check = (value, place) => {
  if (isTimeZone(value)) return value;
  return place.report('unknown_zone', 'A zone such as Europe/Berlin or UTC is expected.');
};

export const segment: Check = (value, place) => {
  const name = text(200)(value, place);
  if (typeof name !== 'string' || place.reading.segments.has(name)) return name;
  return place.report(
    'unknown_segment',
    `No segment ${name} is serving. A new one serves once it is filled.`,
  );
};
