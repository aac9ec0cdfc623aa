import { Body, Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../platform/http/problem-details.filter.js';
import { NotificationOperations } from './notification-operations.service.js';
import {
  NotificationPageDto,
  NotificationsQuery,
  NotificationWithAttemptsDto,
  ResendNotificationDto,
} from './notification.dto.js';
import { NotificationsService } from './notifications.service.js';

@AdminController('notifications')
export class NotificationsController {
  constructor(
    private readonly notifications: NotificationsService,
    private readonly operations: NotificationOperations,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List notifications with their attempts, newest first' })
  @ApiOkResponse({ description: 'A page of notifications', type: NotificationPageDto })
  list(@Query() query: NotificationsQuery): Promise<NotificationPageDto> {
    return this.notifications.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One notification with its attempts' })
  @ApiParam({ name: 'id', description: 'Id of the notification' })
  @ApiOkResponse({ description: 'The notification', type: NotificationWithAttemptsDto })
  @ApiNotFoundResponse({ description: 'No such notification', type: ProblemDetails })
  get(@Param('id', ParseUUIDPipe) id: string): Promise<NotificationWithAttemptsDto> {
    return this.notifications.get(id);
  }

  @Post(':id/resend')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Send a notification from the start of its schedule, at once; a sent one needs force',
  })
  @ApiParam({ name: 'id', description: 'Id of the notification' })
  @ApiOkResponse({ description: 'The notification, queued', type: NotificationWithAttemptsDto })
  @ApiNotFoundResponse({ description: 'No such notification', type: ProblemDetails })
  @ApiConflictResponse({
    description:
      'The notification was sent, its customer was deleted or unlinked, or its address is suppressed',
    type: ProblemDetails,
  })
  async resend(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() { force }: ResendNotificationDto,
  ): Promise<NotificationWithAttemptsDto> {
    await this.operations.resend(id, force);
    return this.notifications.get(id);
  }

  @Post(':id/cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Cancel a notification; a cancelled one stays cancelled' })
  @ApiParam({ name: 'id', description: 'Id of the notification' })
  @ApiOkResponse({ description: 'The notification, cancelled', type: NotificationWithAttemptsDto })
  @ApiNotFoundResponse({ description: 'No such notification', type: ProblemDetails })
  @ApiConflictResponse({ description: 'The notification has ended already', type: ProblemDetails })
  async cancel(@Param('id', ParseUUIDPipe) id: string): Promise<NotificationWithAttemptsDto> {
    await this.operations.cancel(id);
    return this.notifications.get(id);
  }
}
