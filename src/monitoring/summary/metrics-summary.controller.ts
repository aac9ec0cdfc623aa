import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { MetricsSummaryDto, MetricsSummaryQuery } from './metrics-summary.dto.js';
import { MetricsSummary } from './metrics-summary.service.js';

@AdminController('metrics')
export class MetricsSummaryController {
  constructor(private readonly summary: MetricsSummary) {}

  @Get('summary')
  @ApiOperation({
    summary: 'Creation success, delivery, processing time and errors, by hour or day',
    description: 'Read from stored data, so it covers all processes and survives restarts.',
  })
  @ApiOkResponse({ description: 'The figures', type: MetricsSummaryDto })
  get(@Query() query: MetricsSummaryQuery): Promise<MetricsSummaryDto> {
    return this.summary.of(query);
  }
}
