import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
} from 'class-validator';
import type { MessageTreatment, Parameters, Treatment } from '../../events/assigned-arm.js';
import { ONBOARDING_KINDS, type OnboardingKind } from '../../events/onboarding-kinds.js';
import { AreNested, IsNested } from '../../platform/http/is-nested.decorator.js';
import type { Arm } from '../definitions/arm.js';

const DELAY_MAX_MINUTES = 30 * 1440;

/** What an arm does to a kind of message that new customers get. */
export class MessageTreatmentDto implements MessageTreatment {
  @IsIn(ONBOARDING_KINDS)
  kind: OnboardingKind;

  /** The version of the template to use, where the language has it. 0 is the built-in content. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  templateVersion?: number;

  /** False: the message is not sent. */
  @IsOptional()
  @IsBoolean()
  send?: boolean;

  /** For how long the message waits. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(DELAY_MAX_MINUTES)
  delayMinutes?: number;
}

/** What an arm does to its units. */
export class TreatmentDto implements Treatment {
  /** At most one for each kind of message. */
  @IsArray()
  @ArrayMaxSize(ONBOARDING_KINDS.length)
  @ArrayUnique((message?: MessageTreatmentDto) => message?.kind)
  @AreNested(() => MessageTreatmentDto)
  messages: MessageTreatmentDto[] = [];

  /** For MINGUS: texts, numbers and truth values, at most 2 KB as JSON. */
  @IsObject()
  @ApiProperty({ type: Object, example: { checkout: 'short' } })
  parameters: Parameters = {};
}

/** The weight of an arm. */
export class ArmWeightDto {
  /** Lower-case letters, digits, `-` and `_`. */
  @IsString()
  @Matches(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  key: string;

  /** The share of the units that take part. The weights of all arms add up to 1. */
  @IsNumber()
  @Min(0)
  @Max(1)
  weight: number;
}

/** A variant. */
export class ArmDto extends ArmWeightDto implements Arm {
  @IsNested(() => TreatmentDto)
  treatment: TreatmentDto = new TreatmentDto();
}
