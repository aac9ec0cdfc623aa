import { ValidateBy } from 'class-validator';
import { isTimeZone } from '../time-zone.js';

/** The name of a time zone that JavaScript and PostgreSQL both know as a place. */
export const IsZone = (): PropertyDecorator =>
  ValidateBy(
    { name: 'isZone', validator: { validate: isTimeZone } },
    { message: '$property must be the IANA name of a time zone, such as Europe/Berlin or UTC' },
  );
