import { Body, Get, Header, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { Requires } from '../../platform/access/requires.decorator.js';
import { AdminController } from '../../platform/http/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { EraseDto, ErasureDto, PersonalDataDto } from './erasure.dto.js';
import { Erasure } from './erasure.service.js';
import { PersonalData } from './personal-data.service.js';

const CUSTOMER = {
  name: 'stripeCustomerId',
  description: "Stripe's id of the customer",
  example: 'cus_NffrFeUfNV2Hib',
};

@AdminController('customers')
export class PrivacyController {
  constructor(
    private readonly erasure: Erasure,
    private readonly data: PersonalData,
  ) {}

  @Post(':stripeCustomerId/erase')
  @Requires('admin')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Forget a person',
    description: 'Cannot be undone. Delete the customer in Stripe as well: Stripe keeps its own copy.',
  })
  @ApiParam(CUSTOMER)
  @ApiOkResponse({ description: 'When it was done', type: ErasureDto })
  @ApiNotFoundResponse({ description: 'No such customer', type: ProblemDetails })
  erase(
    @Param('stripeCustomerId') stripeCustomerId: string,
    @Body() { confirm }: EraseDto,
  ): Promise<ErasureDto> {
    return this.erasure.erase(stripeCustomerId, confirm);
  }

  @Get(':stripeCustomerId/export')
  @Requires('admin')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'All that is stored of a person' })
  @ApiParam(CUSTOMER)
  @ApiOkResponse({ description: 'The data, by table', type: PersonalDataDto })
  @ApiNotFoundResponse({ description: 'No such customer', type: ProblemDetails })
  export(@Param('stripeCustomerId') stripeCustomerId: string): Promise<PersonalDataDto> {
    return this.data.of(stripeCustomerId);
  }
}
