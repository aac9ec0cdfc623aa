import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsObject, ValidateNested, type ValidationOptions } from 'class-validator';

/** A field that is an object of a class: neither null nor a list, whose fields would not be validated. */
export const IsNested = (
  typeOf: () => new () => object,
  options: ValidationOptions = {},
): PropertyDecorator => applyDecorators(Type(typeOf), IsObject(options), ValidateNested(options));

/** A list of such objects. The caller limits its length. */
export const AreNested = (typeOf: () => new () => object): PropertyDecorator =>
  IsNested(typeOf, { each: true });
