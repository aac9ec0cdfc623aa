import { ApiProperty } from '@nestjs/swagger';
import type { Parameters } from '../../events/assigned-arm.js';

/** The arm of a user in an experiment that runs, or was stopped and is not decided. */
export class UserArmDto {
  experiment: string;
  /** The key of the arm. */
  arm: string;
  /** What the arm declares for MINGUS. */
  @ApiProperty({ type: Object, example: { checkout: 'short' } })
  parameters: Parameters;
  assignedAt: Date;
}

/** The arms of a user. An experiment that is missing has no effect on the user. */
export class UserExperimentsDto {
  userId: string;
  experiments: UserArmDto[];
}
