import { ArrayMaxSize, IsArray, IsBoolean, IsNumber, IsString, Length } from 'class-validator';
import { AreNested } from '../../../platform/http/is-nested.decorator.js';
import { IsOmittable } from '../../../platform/http/is-omittable.decorator.js';
import { ArePropertyValues, type PropertyValue } from './is-property-value.decorator.js';

/**
 * What a property of an event must be like. All conditions that are given hold; without any, the property must be
 * present. A condition about a missing property is false. JSON's null is a missing property.
 */
export class PropertyFilterDto {
  /** The name of the property. */
  @IsString()
  @Length(1, 100)
  property: string;

  /** It is one of these (1 to 50), of the same type: the text "5" is not the number 5. */
  @IsOmittable()
  @ArePropertyValues()
  in?: PropertyValue[];

  /** It is present and none of these. */
  @IsOmittable()
  @ArePropertyValues()
  notIn?: PropertyValue[];

  /** Whether it is present. */
  @IsOmittable()
  @IsBoolean()
  present?: boolean;

  /** It is a number of at least this. */
  @IsOmittable()
  @IsNumber()
  atLeast?: number;

  /** It is a number of at most this. */
  @IsOmittable()
  @IsNumber()
  atMost?: number;
}

/** Events of one name that pass all filters. */
export class EventSelectionDto {
  /** The name in the stream, such as `project_created`, `$page` or `payment_succeeded`. */
  @IsString()
  @Length(1, 200)
  name: string;

  /** At most 10. */
  @IsOmittable()
  @IsArray()
  @ArrayMaxSize(10)
  @AreNested(() => PropertyFilterDto)
  where: PropertyFilterDto[] = [];
}
