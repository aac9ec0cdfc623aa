import { Body, Delete, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../../platform/http/problem-details.filter.js';
import { AlertChangePageDto, AlertChangesQuery, AlertDto, SilenceAlertDto } from './alert.dto.js';
import { AlertsService } from './alerts.service.js';

@AdminController('alerts')
export class AlertsController {
  constructor(private readonly alerts: AlertsService) {}

  @Get()
  @ApiOperation({ summary: 'All alerts with their states' })
  @ApiOkResponse({ description: 'One entry per alert', type: [AlertDto] })
  list(): Promise<AlertDto[]> {
    return this.alerts.list();
  }

  @Get('changes')
  @ApiOperation({ summary: 'The history of alerts, newest first' })
  @ApiOkResponse({ description: 'A page of changes', type: AlertChangePageDto })
  listChanges(@Query() query: AlertChangesQuery): Promise<AlertChangePageDto> {
    return this.alerts.listChanges(query);
  }

  @Post(':name/acknowledge')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Acknowledge an alert: no reminders until it fires again' })
  @ApiParam({ name: 'name', description: 'Name of the alert' })
  @ApiOkResponse({ description: 'The alert as it is now', type: AlertDto })
  @ApiNotFoundResponse({ description: 'No such alert', type: ProblemDetails })
  @ApiConflictResponse({ description: 'It does not fire', type: ProblemDetails })
  acknowledge(@Param('name') name: string): Promise<AlertDto> {
    return this.alerts.acknowledge(name);
  }

  @Post(':name/silence')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Silence an alert for a time; it is still evaluated' })
  @ApiParam({ name: 'name', description: 'Name of the alert' })
  @ApiOkResponse({ description: 'The alert as it is now', type: AlertDto })
  @ApiNotFoundResponse({ description: 'No such alert', type: ProblemDetails })
  silence(@Param('name') name: string, @Body() silence: SilenceAlertDto): Promise<AlertDto> {
    return this.alerts.silence(name, silence);
  }

  @Delete(':name/silence')
  @ApiOperation({ summary: 'End the silence of an alert' })
  @ApiParam({ name: 'name', description: 'Name of the alert' })
  @ApiOkResponse({ description: 'The alert as it is now', type: AlertDto })
  @ApiNotFoundResponse({ description: 'No such alert', type: ProblemDetails })
  unsilence(@Param('name') name: string): Promise<AlertDto> {
    return this.alerts.unsilence(name);
  }
}
