import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsObject, IsString, Length, Matches, Max, Min } from 'class-validator';
import { IsOmittable } from '../../platform/http/is-omittable.decorator.js';
import { PageQuery } from '../../platform/http/page.dto.js';
import type { StepKind } from '../definitions/definition.js';
import type { ReadyMadeParameter } from '../definitions/ready-made.js';
import { RUN_STATES, type RunState } from '../running/automation-run.entity.js';
import type { StepOutcome } from '../running/automation-step.entity.js';

const ANY_OBJECT = { type: Object } as const;

/** A new automation, by a definition or from a ready-made one. It is disabled at first. */
export class CreateAutomationDto {
  /** Lower-case letters, digits, `-` and `_`; not `ready-made`, `runs` or `dry-run`. It stays. */
  @IsString()
  @Matches(/^(?!(ready-made|runs|dry-run)$)[a-z0-9][a-z0-9_-]{0,62}$/)
  name: string;

  /** `when`, `if`, `stopIf`, `steps`, `once` and `includeImported`, as docs/automations.md describes them. */
  @IsOmittable()
  @IsObject()
  @ApiProperty({ ...ANY_OBJECT, required: false })
  definition?: Record<string, unknown>;

  /** The name of a ready-made automation, instead of a definition. */
  @IsOmittable()
  @IsString()
  @Length(1, 63)
  readyMade?: string;

  /** The parameters of the ready-made automation. */
  @IsOmittable()
  @IsObject()
  @ApiProperty({ ...ANY_OBJECT, required: false })
  parameters?: Record<string, unknown>;
}

/** A new version. Runs under way keep theirs. */
export class EditAutomationDto {
  @IsObject()
  @ApiProperty(ANY_OBJECT)
  definition: Record<string, unknown>;
}

/** A customer to start with. */
export class StartAutomationDto {
  @IsString()
  @Length(1, 255)
  stripeCustomerId: string;
}

/** Which automation to try, on which days. */
export class DryRunDto {
  /** The name of an automation, or a definition. */
  @IsOmittable()
  @IsString()
  @Length(1, 63)
  name?: string;

  @IsOmittable()
  @IsObject()
  @ApiProperty({ ...ANY_OBJECT, required: false })
  definition?: Record<string, unknown>;

  /** How many days back. */
  @IsInt()
  @Min(1)
  @Max(90)
  days: number = 30;
}

/** How many runs are under way or have failed. */
export class RunCountsDto {
  running: number;
  waiting: number;
  failed: number;
}

/** An automation. */
export class AutomationDto {
  name: string;
  enabled: boolean;
  /** Facts from this time on start runs. */
  enabledAt: Date | null;
  version: number;
  @ApiProperty(ANY_OBJECT)
  definition: object;
  runs: RunCountsDto;
  createdAt: Date;
  updatedAt: Date;
}

/** A definition of an automation. */
export class AutomationVersionDto {
  version: number;
  @ApiProperty(ANY_OBJECT)
  definition: object;
  /** The name of the API key that saved it. */
  createdBy: string | null;
  createdAt: Date;
}

/** A parameter of a ready-made automation. */
export class ReadyMadeParameterDto {
  name: string;
  meaning: string;
  kind: ReadyMadeParameter['kind'];
  /** As a text. Null: it must be given. */
  default: string | null;
}

/** An automation that only needs its parameters. */
export class ReadyMadeDto {
  name: string;
  summary: string;
  parameters: ReadyMadeParameterDto[];
}

/** The runs to list. */
export class RunsQuery extends PageQuery {
  /** `running` and `waiting` are under way. */
  @IsOmittable()
  @IsIn(RUN_STATES)
  state?: RunState;

  /** Stripe's id of the customer. */
  @IsOmittable()
  @IsString()
  @Length(1, 255)
  stripeCustomerId?: string;
}

/** A customer on its way through an automation. */
export class RunDto {
  id: string;
  automation: string;
  version: number;
  customerId: string;
  /** What started it: the id of a fact, a time, `manual …` or `once`. */
  occurrence: string;
  state: RunState;
  /** Why it stopped or failed, such as `stop_if`, `customer_deleted` or `rule_broken`. */
  reason: string | null;
  /** The index of the step that comes next, or waits. */
  step: number;
  /** When it is looked at again; null once it has ended. */
  dueAt: Date | null;
  /** When a wait for a rule ends at the latest; null while it does not wait for one. */
  waitsUntil: Date | null;
  createdAt: Date;
  endedAt: Date | null;
}

export class RunPageDto {
  items: RunDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

/** A step that has ended. */
export class RunStepDto {
  step: number;
  kind: StepKind;
  outcome: StepOutcome;
  /** The id of the delivery or of the message. */
  effectId: string | null;
  endedAt: Date;
}

/** A run with its history. */
export class RunWithStepsDto extends RunDto {
  steps: RunStepDto[];
}
