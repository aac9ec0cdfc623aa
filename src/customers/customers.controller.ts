import { Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { AdminController } from '../platform/http/admin-controller.decorator.js';
import { ProblemDetails } from '../platform/http/problem-details.filter.js';
import { CustomerViewService } from './customer-view.service.js';
import { CustomerPageDto, CustomersQuery, CustomerViewDto } from './customer.dto.js';

@AdminController('customers')
export class CustomersController {
  constructor(private readonly customers: CustomerViewService) {}

  @Get()
  @ApiOperation({ summary: 'List customers, newest first' })
  @ApiOkResponse({ description: 'A page of customers', type: CustomerPageDto })
  list(@Query() query: CustomersQuery): Promise<CustomerPageDto> {
    return this.customers.list(query);
  }

  @Get(':stripeCustomerId')
  @ApiOperation({
    summary: 'One customer with user, preferences, portal access, lifecycle, notifications and timeline',
  })
  @ApiParam({
    name: 'stripeCustomerId',
    description: "Stripe's id of the customer",
    example: 'cus_NffrFeUfNV2Hib',
  })
  @ApiOkResponse({ description: 'The customer', type: CustomerViewDto })
  @ApiNotFoundResponse({ description: 'No such customer', type: ProblemDetails })
  get(@Param('stripeCustomerId') stripeCustomerId: string): Promise<CustomerViewDto> {
    return this.customers.get(stripeCustomerId);
  }
}
