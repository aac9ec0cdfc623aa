import { Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { ServiceController } from '../../platform/access/service-controller.decorator.js';
import {
  InAppMessageDto,
  InAppMessagePageDto,
  InAppMessagesQuery,
  UnreadCountDto,
} from './in-app-message.dto.js';
import { InAppMessagesService } from './in-app-messages.service.js';

const USER_ID = { name: 'userId', description: 'Id of the MINGUS user' };

/** For MINGUS's own backend, which shows the messages to its logged-in user. */
@ServiceController('users/:userId/notifications')
export class InAppMessagesController {
  constructor(private readonly messages: InAppMessagesService) {}

  @Get()
  @ApiOperation({ summary: "List a user's in-app notifications, newest first" })
  @ApiParam(USER_ID)
  @ApiOkResponse({ description: 'A page of notifications', type: InAppMessagePageDto })
  list(@Param('userId') userId: string, @Query() query: InAppMessagesQuery): Promise<InAppMessagePageDto> {
    return this.messages.list(userId, query);
  }

  @Get('unread-count')
  @ApiOperation({ summary: 'Count the unread in-app notifications of a user' })
  @ApiParam(USER_ID)
  @ApiOkResponse({ description: 'The number of unread notifications', type: UnreadCountDto })
  async countUnread(@Param('userId') userId: string): Promise<UnreadCountDto> {
    return { count: await this.messages.countUnread(userId) };
  }

  @Post(':id/read')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Mark a notification as read; repeating it changes nothing' })
  @ApiParam(USER_ID)
  @ApiParam({ name: 'id', description: 'Id of the notification' })
  @ApiOkResponse({ description: 'The notification, read', type: InAppMessageDto })
  @ApiNotFoundResponse({ description: 'The user has no such notification', type: ProblemDetails })
  markRead(
    @Param('userId') userId: string,
    @Param('id', ParseUUIDPipe) id: string,
  ): Promise<InAppMessageDto> {
    return this.messages.markRead(userId, id);
  }
}
