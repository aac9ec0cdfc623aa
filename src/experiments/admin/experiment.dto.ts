import { ApiExtraModels, ApiProperty, getSchemaPath, PartialType } from '@nestjs/swagger';
import { plainToInstance, Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { AreNested, IsNested } from '../../platform/http/is-nested.decorator.js';
import { LimitQuery } from '../../platform/http/page.dto.js';
import {
  EXPERIMENT_STATUSES,
  type ExperimentStatus,
  type NamespaceRange,
} from '../definitions/experiment.entity.js';
import type { Goal } from '../definitions/goal.js';
import { ArmDto, ArmWeightDto } from './arm.dto.js';
import { BehaviourGoalDto, GoalDto, GuardrailDto, MilestoneGoalDto, MrrGoalDto } from './goal.dto.js';

export const ARMS_MAX = 10;
const GOALS_MAX = 20;
const GOAL_CLASSES = { milestone: MilestoneGoalDto, behaviour: BehaviourGoalDto, mrr: MrrGoalDto };

/** Chooses the class by the type. The discriminator of class-transformer fails for a goal that is null. */
function toGoal(goal: unknown): unknown {
  const { type } = Object(goal) as { type?: unknown };
  const isKnown = typeof type === 'string' && Object.hasOwn(GOAL_CLASSES, type);
  return plainToInstance(isKnown ? GOAL_CLASSES[type as keyof typeof GOAL_CLASSES] : GoalDto, goal);
}

/** A range [from, to) of a namespace. Experiments in ranges that do not overlap have no unit in common. */
export class NamespaceDto implements NamespaceRange {
  @IsString()
  @Matches(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  name: string;

  @IsNumber()
  @Min(0)
  @Max(1)
  from: number;

  @IsNumber()
  @Min(0)
  @Max(1)
  to: number;
}

/** What can be changed while an experiment is a draft. */
@ApiExtraModels(...Object.values(GOAL_CLASSES))
export class DraftDto {
  @IsOptional()
  @IsString()
  @Length(0, 2000)
  description?: string;

  /** 2 to 10. The first one is the control. */
  @IsArray()
  @ArrayMinSize(2)
  @ArrayMaxSize(ARMS_MAX)
  @AreNested(() => ArmDto)
  arms: ArmDto[];

  /** The share of the users that take part. Default: 1. Each arm has at least a hundredth of all users, or none. */
  @IsOptional()
  @IsNumber()
  @Min(0.02)
  @Max(1)
  coverage?: number;

  /** Null: all users. */
  @IsOptional()
  @IsNested(() => NamespaceDto)
  @ApiProperty({ type: NamespaceDto, nullable: true, required: false })
  namespace?: NamespaceDto | null;

  /** The name of a segment: only its members take part. Null: everybody. */
  @IsOptional()
  @IsString()
  @Length(1, 63)
  @ApiProperty({ type: String, nullable: true, required: false })
  segment?: string | null;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(GOALS_MAX)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @ApiProperty({
    type: 'array',
    items: { oneOf: Object.values(GOAL_CLASSES).map((goal) => ({ $ref: getSchemaPath(goal) })) },
  })
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(toGoal) : value))
  goals: (MilestoneGoalDto | BehaviourGoalDto | MrrGoalDto)[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(GOALS_MAX)
  @AreNested(() => GuardrailDto)
  guardrails?: GuardrailDto[];
}

/** A new experiment. */
export class DefineExperimentDto extends DraftDto {
  /** Lower-case letters, digits, `-` and `_`. It stays. */
  @IsString()
  @Matches(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  name: string;
}

/** Changes. Once the experiment has started, only its description and a greater coverage are possible. */
export class EditExperimentDto extends PartialType(DraftDto, { skipNullProperties: false }) {}

/** New weights of all arms, for new units. */
export class NewPhaseDto {
  @IsArray()
  @ArrayMinSize(2)
  @ArrayMaxSize(ARMS_MAX)
  @AreNested(() => ArmWeightDto)
  arms: ArmWeightDto[];

  /** The share of the users that take part from now on. By default, it stays as it is. */
  @IsOptional()
  @IsNumber()
  @Min(0.02)
  @Max(1)
  coverage?: number;
}

/** The end of an experiment. */
export class DecideDto {
  /** The key of the arm that won; null if none did. */
  @IsOptional()
  @IsString()
  @Length(1, 63)
  @ApiProperty({ type: String, nullable: true, required: false })
  arm: string | null = null;

  @IsString()
  @Length(1, 2000)
  reason: string;
}

/** Which experiments to list. */
export class ExperimentsQuery extends LimitQuery {
  /** Only experiments with this status. */
  @IsOptional()
  @IsIn(EXPERIMENT_STATUSES)
  status?: ExperimentStatus;

  /** The `nextCursor` of the previous page. */
  @IsOptional()
  @IsString()
  @Matches(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  cursor?: string;
}

/** The units that were assigned by the same weights. */
export class PhaseDto {
  /** 1 for the first. */
  number: number;
  /** Of the hash. */
  seed: string;
  arms: ArmDto[];
  /** The share of the users that take part; while the phase lasts, it can only grow. */
  coverage: number;
  startedAt: Date | null;
  endedAt: Date | null;
}

export class DecisionDto {
  @ApiProperty({ type: String, nullable: true })
  arm: string | null;
  reason: string;
}

/** An experiment with its phases. */
export class ExperimentDto {
  name: string;
  description: string;
  /** `stopped`: no new units; those that there are keep their arms. `decided`: the arms have no effect any more. */
  status: ExperimentStatus;
  /** Of the newest phase. */
  coverage: number;
  @ApiProperty({ type: NamespaceDto, nullable: true })
  namespace: NamespaceRange | null;
  @ApiProperty({ type: String, nullable: true })
  segment: string | null;
  @ApiProperty({
    type: 'array',
    items: { oneOf: Object.values(GOAL_CLASSES).map((goal) => ({ $ref: getSchemaPath(goal) })) },
  })
  goals: Goal[];
  guardrails: GuardrailDto[];
  /** The newest first. */
  phases: PhaseDto[];
  @ApiProperty({ type: DecisionDto, nullable: true })
  decision: DecisionDto | null;
  /** The name of the key that defined it. */
  createdBy: string | null;
  createdAt: Date;
  startedAt: Date | null;
  stoppedAt: Date | null;
  decidedAt: Date | null;
}

/** A page of experiments by name. */
export class ExperimentPageDto {
  items: ExperimentDto[];
  nextCursor: string | null;
}
