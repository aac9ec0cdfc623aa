import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import {
  ChurnDto,
  ChurnQuery,
  CohortsDto,
  MonthsQuery,
  RetentionMonthsDto,
  RevenueMonthsDto,
  RevenueNowDto,
  RevenueQuery,
} from './revenue.dto.js';
import { Revenue } from './revenue.service.js';

@AdminController('revenue')
export class RevenueController {
  constructor(private readonly revenue: Revenue) {}

  @Get('mrr')
  @ApiOperation({ summary: 'Monthly recurring revenue now' })
  @ApiOkResponse({ description: 'One entry per currency', type: RevenueNowDto })
  now(@Query() query: RevenueQuery): Promise<RevenueNowDto> {
    return this.revenue.now(query);
  }

  @Get('months')
  @ApiOperation({ summary: 'Monthly recurring revenue at the end of each month, and its movements' })
  @ApiOkResponse({ description: 'One entry per currency and month', type: RevenueMonthsDto })
  byMonth(@Query() query: MonthsQuery): Promise<RevenueMonthsDto> {
    return this.revenue.byMonth(query);
  }

  @Get('churn')
  @ApiOperation({ summary: 'The share of customers who left within 30 days' })
  @ApiOkResponse({ description: 'One entry per currency', type: ChurnDto })
  churn(@Query() query: ChurnQuery): Promise<ChurnDto> {
    return this.revenue.churn(query);
  }

  @Get('retention')
  @ApiOperation({ summary: 'Gross and net revenue retention by month' })
  @ApiOkResponse({ description: 'One entry per currency and month', type: RetentionMonthsDto })
  retention(@Query() query: MonthsQuery): Promise<RetentionMonthsDto> {
    return this.revenue.retention(query);
  }

  @Get('cohorts')
  @ApiOperation({ summary: 'Gross and net revenue retention by cohort' })
  @ApiOkResponse({ description: 'One entry per currency and cohort', type: CohortsDto })
  cohorts(@Query() query: MonthsQuery): Promise<CohortsDto> {
    return this.revenue.cohorts(query);
  }
}
