import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsDate, MaxDate } from 'class-validator';

/** JSON writes later years with six digits and a sign, which RFC 3339 does not allow. */
const LAST = new Date('9999-12-31T23:59:59.999Z');

const DAY_OR_TIME = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * A time of a request (ISO 8601) with its zone, or the beginning of a day (UTC), as a `Date`. `new Date` alone also reads
 * numbers, American dates and 30 February.
 */
export const IsTime = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => timeOf(value), { toClassOnly: true }),
    IsDate({ message: '$property must be a time with a zone, such as 2026-01-31T12:00:00Z, or a day (UTC)' }),
    MaxDate(LAST, { message: '$property must not be after the year 9999' }),
  );

/** The time, or the value as it is if it is none. */
function timeOf(value: unknown): unknown {
  const [text, day] = DAY_OR_TIME.exec(typeof value === 'string' ? value : '') ?? [];
  return text && day && isInCalendar(day) ? new Date(text) : value;
}

function isInCalendar(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
