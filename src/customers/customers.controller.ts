import { Get, Param, Query } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  getSchemaPath,
} from '@nestjs/swagger';
import { AdminController } from '../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../platform/http/problem-details.filter.js';
import { CustomerViewService } from './customer-view.service.js';
import { StrayCustomerViewDto } from './stray-customer.dto.js';
import { CustomerPageDto, CustomersQuery, CustomerViewDto } from './customer.dto.js';

@AdminController('customers')
@ApiExtraModels(CustomerViewDto, StrayCustomerViewDto)
export class CustomersController {
  constructor(private readonly customers: CustomerViewService) {}

  @Get()
  @ApiOperation({ summary: 'List customers, newest first' })
  @ApiOkResponse({ description: 'A page of customers', type: CustomerPageDto })
  @ApiNotFoundResponse({ description: 'No such segment', type: ProblemDetails })
  list(@Query() query: CustomersQuery): Promise<CustomerPageDto> {
    return this.customers.list(query);
  }

  @Get(':stripeCustomerId')
  @ApiOperation({
    summary: 'One customer with user, preferences, portal access, lifecycle, notifications and timeline',
    description:
      'For a customer that was not set up, `isSetUp` is false, and the answer holds only its events with their decisions.',
  })
  @ApiParam({
    name: 'stripeCustomerId',
    description: "Stripe's id of the customer",
    example: 'cus_NffrFeUfNV2Hib',
  })
  @ApiOkResponse({
    description: 'The customer',
    schema: {
      oneOf: [{ $ref: getSchemaPath(CustomerViewDto) }, { $ref: getSchemaPath(StrayCustomerViewDto) }],
    },
  })
  @ApiNotFoundResponse({
    description: 'No such customer, and no event about it',
    type: ProblemDetails,
  })
  get(@Param('stripeCustomerId') stripeCustomerId: string): Promise<CustomerViewDto | StrayCustomerViewDto> {
    return this.customers.get(stripeCustomerId);
  }
}
