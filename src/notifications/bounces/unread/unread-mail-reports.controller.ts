import { Delete, Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { Requires } from '../../../platform/access/requires.decorator.js';
import { AdminController } from '../../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../../platform/http/problem-details.filter.js';
import {
  UnreadMailReportDetailDto,
  UnreadMailReportPageDto,
  UnreadMailReportsQuery,
} from './unread-mail-report.dto.js';
import { UnreadMailReports } from './unread-mail-reports.service.js';

@AdminController('unread-mail-reports')
export class UnreadMailReportsController {
  constructor(private readonly reports: UnreadMailReports) {}

  @Get()
  @ApiOperation({ summary: 'List reports of mail systems that could not be read, newest first' })
  @ApiOkResponse({ description: 'A page of reports', type: UnreadMailReportPageDto })
  list(@Query() query: UnreadMailReportsQuery): Promise<UnreadMailReportPageDto> {
    return this.reports.list(query);
  }

  @Get(':id')
  @Requires('operator')
  @ApiOperation({ summary: 'Show a report that the service could not read' })
  @ApiParam({ name: 'id', description: 'Id of the report' })
  @ApiOkResponse({ description: 'The report with the mail', type: UnreadMailReportDetailDto })
  @ApiNotFoundResponse({ description: 'No such report', type: ProblemDetails })
  get(@Param('id', ParseUUIDPipe) id: string): Promise<UnreadMailReportDetailDto> {
    return this.reports.get(id);
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Remove a report that has been dealt with' })
  @ApiParam({ name: 'id', description: 'Id of the report' })
  @ApiNoContentResponse({ description: 'The report is removed' })
  @ApiNotFoundResponse({ description: 'No such report', type: ProblemDetails })
  remove(@Param('id', ParseUUIDPipe) id: string): Promise<void> {
    return this.reports.remove(id);
  }
}
