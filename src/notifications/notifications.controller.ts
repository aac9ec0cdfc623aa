import { Get, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { AdminController } from '../platform/http/admin-controller.decorator.js';
import { ProblemDetails } from '../platform/http/problem-details.filter.js';
import { NotificationPageDto, NotificationsQuery, NotificationWithAttemptsDto } from './notification.dto.js';
import { NotificationsService } from './notifications.service.js';

@AdminController('notifications')
export class NotificationsController {
  constructor(private readonly notifications: NotificationsService) {}

  @Get()
  @ApiOperation({ summary: 'List notifications, newest first' })
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
}
