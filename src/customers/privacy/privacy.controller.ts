import { Body, Get, Header, HttpCode, HttpStatus, Param, Post, StreamableFile } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { Requires } from '../../platform/access/requires.decorator.js';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
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
    summary: 'Erase a person',
    description: 'It cannot be undone. Delete the customer in Stripe as well: Stripe keeps its own copy.',
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
  @ApiOperation({ summary: 'Export all stored data about a person; the export is audited' })
  @ApiParam(CUSTOMER)
  @ApiOkResponse({ description: 'The data, by table', type: PersonalDataDto })
  @ApiNotFoundResponse({ description: 'No such customer', type: ProblemDetails })
  async export(@Param('stripeCustomerId') stripeCustomerId: string): Promise<StreamableFile> {
    return new StreamableFile(await this.data.export(stripeCustomerId), {
      type: 'application/json; charset=utf-8',
    });
  }
}
