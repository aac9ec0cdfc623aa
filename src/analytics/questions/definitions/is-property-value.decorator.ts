import { IsArray, ArrayMaxSize, ArrayMinSize, ValidateBy } from 'class-validator';

/** A value of a property that a filter compares with: of the same type, and equal. */
export type PropertyValue = string | number | boolean;

const VALUES_MAX = 50;
const LENGTH_MAX = 200;

/** A list of 1 to 50 texts (of at most 200 characters), numbers or truth values. */
export function ArePropertyValues(): PropertyDecorator {
  const rules = [
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(VALUES_MAX),
    ValidateBy(
      { name: 'arePropertyValues', validator: { validate: isPropertyValue } },
      {
        each: true,
        message: `each value in $property must be a text of at most ${LENGTH_MAX} characters, a number or true or false`,
      },
    ),
  ];
  return (target, property) => {
    for (const rule of rules) rule(target, property);
  };
}

function isPropertyValue(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= LENGTH_MAX;
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}
