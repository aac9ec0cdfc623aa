import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsDate, MaxDate } from 'class-validator';

/** JSON writes later years with six digits and a sign, which RFC 3339 does not allow. */
const LAST = new Date('9999-12-31T23:59:59.999Z');

/** A time of a request (ISO 8601), as a `Date`. */
export const IsTime = (): PropertyDecorator =>
  applyDecorators(
    Type(() => Date),
    IsDate(),
    MaxDate(LAST, { message: '$property must not be after the year 9999' }),
  );
