import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsDate, MaxDate } from 'class-validator';

/** JSON writes later years with six digits and a sign, which RFC 3339 does not allow. */
const LAST = new Date('9999-12-31T23:59:59.999Z');

/** RFC 3339, or a date alone, which is its first moment in UTC. */
const FORM = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/i;

/** A time of a request (ISO 8601 with its zone), as a `Date`. */
export const IsTime = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? timeOf(value) : value)),
    IsDate({ message: '$property must be a time with its zone, such as 2026-03-01T00:00:00Z' }),
    MaxDate(LAST, { message: '$property must not be after the year 9999' }),
  );

/** An invalid `Date` for any other text, also for a day that its month does not have. */
function timeOf(text: string): Date {
  const [, day] = FORM.exec(text) ?? [];
  return day !== undefined && isDay(day) ? new Date(text) : new Date(NaN);
}

function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
