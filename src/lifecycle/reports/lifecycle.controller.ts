import { Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import {
  FlowDto,
  FlowQuery,
  StageCustomersPageDto,
  StageCustomersQuery,
  StageDto,
  StageQuery,
} from './lifecycle.dto.js';
import { LifecycleReports } from './lifecycle-reports.service.js';

@AdminController('lifecycle')
export class LifecycleController {
  constructor(private readonly reports: LifecycleReports) {}

  @Get('customers')
  @ApiOperation({ summary: 'The customers in a stage, newest first' })
  @ApiOkResponse({ description: 'A page of customers', type: StageCustomersPageDto })
  list(@Query() query: StageCustomersQuery): Promise<StageCustomersPageDto> {
    return this.reports.list(query);
  }

  @Get('customers/:stripeCustomerId')
  @ApiOperation({
    summary: 'The stage of a customer at any time, as it is known now or as it was known then',
  })
  @ApiParam({
    name: 'stripeCustomerId',
    description: "Stripe's id of the customer",
    example: 'cus_NffrFeUfNV2Hib',
  })
  @ApiOkResponse({ description: 'The stage, and what caused it', type: StageDto })
  @ApiNotFoundResponse({ description: 'No such customer', type: ProblemDetails })
  stageOf(
    @Param('stripeCustomerId') stripeCustomerId: string,
    @Query() query: StageQuery,
  ): Promise<StageDto> {
    return this.reports.stageOf(stripeCustomerId, query);
  }

  @Get('flow')
  @ApiOperation({ summary: 'How many customers went from which stage to which in a period' })
  @ApiOkResponse({ description: 'One entry for each pair of stages', type: FlowDto })
  flow(@Query() query: FlowQuery): Promise<FlowDto> {
    return this.reports.flow(query);
  }
}
