import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
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
  @IsOptional()
  @ArePropertyValues()
  in?: PropertyValue[];

  /** It is present and none of these. */
  @IsOptional()
  @ArePropertyValues()
  notIn?: PropertyValue[];

  /** Whether it is present. */
  @IsOptional()
  @IsBoolean()
  present?: boolean;

  /** It is a number of at least this. */
  @IsOptional()
  @IsNumber()
  atLeast?: number;

  /** It is a number of at most this. */
  @IsOptional()
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
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @ValidateNested({ each: true })
  @Type(() => PropertyFilterDto)
  where: PropertyFilterDto[] = [];
}
