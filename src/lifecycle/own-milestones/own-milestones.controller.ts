import { Body, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ServiceController } from '../../platform/access/service-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { ReportedMilestoneDto, ReportMilestoneDto } from './milestone.dto.js';
import { OwnMilestones } from './own-milestones.service.js';

@ServiceController('users')
export class OwnMilestonesController {
  constructor(private readonly milestones: OwnMilestones) {}

  @Post(':userId/milestones')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Report a milestone that a user reached in MINGUS',
    description:
      'The user need not be a customer yet. Repeated, it changes nothing. The earliest time counts, also if it is reported later.',
  })
  @ApiParam({ name: 'userId', description: "MINGUS's id of the user", example: 'user-42' })
  @ApiOkResponse({
    description: "The milestone of the user and the user's customers",
    type: ReportedMilestoneDto,
  })
  @ApiNotFoundResponse({ description: 'No such user', type: ProblemDetails })
  report(@Param('userId') userId: string, @Body() body: ReportMilestoneDto): Promise<ReportedMilestoneDto> {
    return this.milestones.report(userId, body);
  }
}
