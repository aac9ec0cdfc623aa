import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { isMailAddress } from '../mail-address.js';
import { withoutInvisible } from '../visible-text.js';

/** Checks a mail address, and removes the invisible characters that come with copied text. */
export function IsMailAddress(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }) => (typeof value === 'string' ? withoutInvisible(value) : value)),
    ValidateBy({
      name: 'isMailAddress',
      validator: {
        validate: (value) => typeof value === 'string' && isMailAddress(value),
        defaultMessage: () => '$property must be an email',
      },
    }),
  );
}
