import { Body, Header, Param, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { ServiceController } from '../../platform/access/service-controller.decorator.js';
import { OpenPortalSessionDto, PortalSessionDto } from './user-session.dto.js';
import { UserSessions } from './user-sessions.service.js';

@ServiceController('users')
export class UserSessionsController {
  constructor(private readonly sessions: UserSessions) {}

  @Post(':userId/portal-sessions')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Open the billing portal for a user who is logged in to MINGUS' })
  @ApiParam({ name: 'userId', description: "MINGUS's id of the user", example: 'user-42' })
  @ApiCreatedResponse({ description: 'Where to redirect the user to', type: PortalSessionDto })
  @ApiNotFoundResponse({ description: 'No such user, or no such customer of theirs', type: ProblemDetails })
  @ApiConflictResponse({ description: 'The access is suspended or revoked', type: ProblemDetails })
  async open(@Param('userId') userId: string, @Body() body: OpenPortalSessionDto): Promise<PortalSessionDto> {
    return { url: await this.sessions.open(userId, body) };
  }
}
