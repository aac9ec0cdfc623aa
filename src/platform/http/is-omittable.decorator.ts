import { ValidateIf } from 'class-validator';

/** A field of a body that may be missing. JSON's null is not: it would be taken for a condition that does not count. */
export const IsOmittable = (): PropertyDecorator => ValidateIf((_body, value) => value !== undefined);
