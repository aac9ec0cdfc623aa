import { Body, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { CustomerLinkDto, LinkCustomerDto } from './customer-link.dto.js';
import { CustomerLinksService } from './customer-links.service.js';

const CUSTOMER_ID = {
  name: 'stripeCustomerId',
  description: "Stripe's id of the customer",
  example: 'cus_NffrFeUfNV2Hib',
};

@AdminController('customers')
export class CustomerLinksController {
  constructor(private readonly links: CustomerLinksService) {}

  @Post(':stripeCustomerId/link')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Link a customer to a user, even if it belongs to another user' })
  @ApiParam(CUSTOMER_ID)
  @ApiOkResponse({ description: 'The link and the changes made', type: CustomerLinkDto })
  @ApiNotFoundResponse({ description: 'No such customer, or no such user', type: ProblemDetails })
  @ApiConflictResponse({ description: 'The customer was deleted in Stripe', type: ProblemDetails })
  link(
    @Param('stripeCustomerId') stripeCustomerId: string,
    @Body() { userId }: LinkCustomerDto,
  ): Promise<CustomerLinkDto> {
    return this.links.link(stripeCustomerId, userId);
  }

  @Post(':stripeCustomerId/unlink')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary:
      'Unlink a customer from its user: it has no portal access and gets no messages until it is linked again',
  })
  @ApiParam(CUSTOMER_ID)
  @ApiOkResponse({ description: 'The link and the changes made', type: CustomerLinkDto })
  @ApiNotFoundResponse({ description: 'No such customer', type: ProblemDetails })
  unlink(@Param('stripeCustomerId') stripeCustomerId: string): Promise<CustomerLinkDto> {
    return this.links.unlink(stripeCustomerId);
  }
}
