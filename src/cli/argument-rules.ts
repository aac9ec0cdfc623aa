import { type Command, InvalidArgumentError } from 'commander';

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(\.\d{1,3})?(Z|[+-]\d\d:\d\d))?$/;

/** A parser of commander for texts that match a pattern. @param rule what is printed after "is invalid." */
export function matching(pattern: RegExp, rule: string): (text: string) => string {
  return (text) => {
    if (!pattern.test(text)) throw new InvalidArgumentError(rule);
    return text;
  };
}

/** A parser for whole numbers. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d{1,9}$/.test(text) || number < min || number > max)
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return number;
  };
}

/** Parses a day (midnight UTC) or a time with its zone. */
export function toTime(text: string): Date {
  const time = new Date(text);
  if (!TIME.test(text) || Number.isNaN(time.getTime()) || !isDay(text.slice(0, 10)))
    throw new InvalidArgumentError('It must be a date such as 2026-10-01 or 2026-10-01T08:00:00Z.');
  return time;
}

/** Whether a day exists. JavaScript reads the 30th of February as the 2nd of March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

/** Parses the id of a row. */
export const toUuid = matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'It must be a UUID.');

/**
 * Refuses a command line without these options. commander's mandatory options are checked before unknown ones, so that
 * `--nam` would be reported as a missing `--name`.
 */
export function assertGiven(command: Command, ...names: string[]): void {
  const missing = command.options.find(
    (option) =>
      names.includes(option.attributeName()) && command.getOptionValue(option.attributeName()) === undefined,
  );
  if (missing) command.error(`error: required option '${missing.flags}' not specified`);
}
