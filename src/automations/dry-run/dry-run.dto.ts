import { ApiProperty } from '@nestjs/swagger';

/** How many starts there would have been on a day. */
export class DryRunDayDto {
  /** UTC. */
  day: string;
  starts: number;
}

/** A start that there would have been. */
export class DryRunStartDto {
  stripeCustomerId: string;
  at: Date;
}

/** What an action would do now. */
export class DryRunActionDto {
  /** The index of the step. */
  step: number;
  kind: 'connector' | 'message' | 'attribute';
  /** `request`, `message` or `attribute`, or why there would be none: `unchanged`, `cancelled` or `rejected`. */
  outcome: 'request' | 'message' | 'attribute' | 'unchanged' | 'cancelled' | 'rejected';
  reason: string | null;
  /** The exact request with its secrets masked, the rendered message, or the attribute. */
  @ApiProperty({ type: Object, nullable: true })
  content: object | null;
}

/** The actions for one customer. */
export class DryRunExampleDto {
  stripeCustomerId: string;
  actions: DryRunActionDto[];
}

/** Which runs an automation would have started. Nothing was sent or stored. */
export class DryRunResultDto {
  from: Date;
  to: Date;
  starts: number;
  customers: number;
  days: DryRunDayDto[];
  /** The first 100 customers. */
  first: DryRunStartDto[];
  /** The actions for up to 10 of them, as they would be now. */
  examples: DryRunExampleDto[];
  /** What the history does not show. */
  limits: string[];
}
