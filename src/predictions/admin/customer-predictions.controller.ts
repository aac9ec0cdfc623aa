import { Get, Param } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { CustomerPredictionsDto } from './customer-prediction.dto.js';
import { CustomerPredictions } from './customer-predictions.service.js';

@AdminController('customers')
export class CustomerPredictionsController {
  constructor(private readonly predictions: CustomerPredictions) {}

  @Get(':stripeCustomerId/predictions')
  @ApiOperation({ summary: 'The predictions of a customer, with the reasons of each score' })
  @ApiParam({
    name: 'stripeCustomerId',
    description: 'Id of the customer in Stripe',
    example: 'cus_Qj2f8n3kLm',
  })
  @ApiOkResponse({ description: 'One entry per prediction', type: CustomerPredictionsDto })
  @ApiNotFoundResponse({ description: 'No such customer', type: ProblemDetails })
  get(@Param('stripeCustomerId') stripeCustomerId: string): Promise<CustomerPredictionsDto> {
    return this.predictions.get(stripeCustomerId);
  }
}
