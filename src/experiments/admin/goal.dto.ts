import { IsIn, IsInt, IsNumber, IsString, Length, Matches, Max, Min } from 'class-validator';
import {
  type BehaviourGoal,
  GOAL_TYPES,
  GUARDRAIL_TYPES,
  type Guardrail,
  type MilestoneGoal,
  type MrrGoal,
} from '../definitions/goal.js';

const WINDOW_MAX_DAYS = 365;

/** What all goals have. */
export class GoalDto {
  /** What is counted; the other fields depend on it. */
  @IsIn(GOAL_TYPES)
  type: (typeof GOAL_TYPES)[number];

  /** Unique in its experiment. */
  @IsString()
  @Matches(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  name: string;

  /** The window, from the creation of the customer in Stripe or the assignment by the API. A unit counts once it closed. */
  @IsInt()
  @Min(1)
  @Max(WINDOW_MAX_DAYS)
  withinDays: number;
}

/** The share of units that reach a milestone. */
export class MilestoneGoalDto extends GoalDto implements MilestoneGoal {
  declare type: 'milestone';

  /** One of the names in `MILESTONES`, or one that is computed, such as `first_payment`. */
  @IsString()
  @Length(1, 200)
  milestone: string;
}

/** The share of units that do something, at least once. */
export class BehaviourGoalDto extends GoalDto implements BehaviourGoal {
  declare type: 'behaviour';

  /** The name of the event. */
  @IsString()
  @Length(1, 200)
  event: string;
}

/** The mean of the monthly recurring revenue at the end of the window. */
export class MrrGoalDto extends GoalDto implements MrrGoal {
  declare type: 'mrr';

  @IsString()
  @Matches(/^[a-z]{3}$/)
  currency: string;
}

/** What an arm must not make worse. */
export class GuardrailDto implements Guardrail {
  /** The share of units that turn off messages, report one as spam, or churn. */
  @IsIn(GUARDRAIL_TYPES)
  type: (typeof GUARDRAIL_TYPES)[number];

  @IsInt()
  @Min(1)
  @Max(WINDOW_MAX_DAYS)
  withinDays: number;

  /** By how much the share may be higher than that of the control, as a fraction of it. */
  @IsNumber()
  @Min(0)
  @Max(10)
  margin: number = 0.1;
}
