import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsTime } from '../../platform/http/is-time.decorator.js';
import { PageQuery } from '../../platform/http/page.dto.js';
import { LIFECYCLE_STAGES, type LifecycleStage } from '../../events/lifecycle/lifecycle-names.js';

/** Which customers to list. */
export class StageCustomersQuery extends PageQuery {
  /** The present stage of the customers. */
  @IsIn(LIFECYCLE_STAGES)
  stage: LifecycleStage;
}

export class StageCustomerDto {
  customerId: string;
  stripeCustomerId: string;
  @ApiProperty({ enum: LIFECYCLE_STAGES })
  stage: LifecycleStage;
  /** When the customer entered the stage, by Stripe's time. */
  stageEnteredAt: Date;
  /** Why the customer may leave. */
  risks: string[];
}

export class StageCustomersPageDto {
  items: StageCustomerDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

export class StageQuery {
  /** The time of the stage (ISO 8601), by Stripe's time. Default: now. */
  @IsOptional()
  @IsTime()
  at?: Date;

  /** Only what this service had recorded by this time (ISO 8601). Default: all. */
  @IsOptional()
  @IsTime()
  knownAt?: Date;
}

/** The stage of a customer at a time. */
export class StageDto {
  stripeCustomerId: string;
  at: Date;
  /** Null before the customer was created, or before that was recorded. */
  @ApiProperty({ enum: LIFECYCLE_STAGES, nullable: true })
  stage: LifecycleStage | null;
  /** When the customer entered it, by Stripe's time. */
  since: Date | null;
  /** When this service recorded it. */
  recordedAt: Date | null;
  /** What changed the stage. */
  trigger: string | null;
  /** The event of Stripe behind it, if there is one. */
  stripeEventId: string | null;
}

/** The period of the flow. */
export class FlowQuery {
  /** The first moment (ISO 8601). Default: 30 days before `to`. */
  @IsOptional()
  @IsTime()
  from?: Date;

  /** The end, which is not part of the period (ISO 8601). Default: now. */
  @IsOptional()
  @IsTime()
  to?: Date;
}

/** How often customers went from one stage to another. */
export class StageFlowDto {
  /** Null for customers that were created. */
  @ApiProperty({ enum: LIFECYCLE_STAGES, nullable: true })
  fromStage: LifecycleStage | null;
  @ApiProperty({ enum: LIFECYCLE_STAGES })
  toStage: LifecycleStage;
  transitions: number;
  /** Different customers; less than `transitions` where some went the same way twice. */
  customers: number;
}

export class FlowDto {
  /** What the numbers mean, in words. */
  definition: string;
  /** All changes that were stored at this time are counted. */
  asOf: Date;
  from: Date;
  to: Date;
  /** One entry for each pair of stages with a transition. */
  flows: StageFlowDto[];
}
