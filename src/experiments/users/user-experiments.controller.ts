import { Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ServiceController } from '../../platform/access/service-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { UserExperimentsDto } from './user-experiments.dto.js';
import { UserExperiments } from './user-experiments.service.js';

const USER = ApiParam({ name: 'userId', description: "MINGUS's id of the user", example: 'user-42' });
const UNKNOWN = ApiNotFoundResponse({ description: 'No such user', type: ProblemDetails });

@ServiceController('users')
export class UserExperimentsController {
  constructor(private readonly experiments: UserExperiments) {}

  @Get(':userId/experiments')
  @USER
  @ApiOperation({ summary: 'The arms of a user in experiments, with their parameters' })
  @ApiOkResponse({ description: 'The arms', type: UserExperimentsDto })
  @UNKNOWN
  get(@Param('userId') userId: string): Promise<UserExperimentsDto> {
    return this.experiments.get(userId);
  }

  @Post(':userId/experiments')
  @HttpCode(HttpStatus.OK)
  @USER
  @ApiOperation({
    summary: 'Assign arms to a user in all running experiments',
    description:
      'Meant for users who are not customers yet: a customer gets arms when it is created. The user keeps them as a customer. Repeated, it changes nothing.',
  })
  @ApiOkResponse({ description: 'The arms', type: UserExperimentsDto })
  @UNKNOWN
  assign(@Param('userId') userId: string): Promise<UserExperimentsDto> {
    return this.experiments.assign(userId);
  }
}
