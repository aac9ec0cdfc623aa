import { Body, Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { ConnectorReceiptDto, ConnectorReceiptsQuery, SettleErasureDto } from './connector-receipt.dto.js';
import { ConnectorReceipts } from './connector-receipts.service.js';

const NAME = ApiParam({ name: 'name', description: 'Name of the connector', example: 'crm' });

@AdminController('connectors')
export class ConnectorErasuresController {
  constructor(private readonly receipts: ConnectorReceipts) {}

  @Get(':name/erasures')
  @NAME
  @ApiOperation({ summary: 'List the erasures of persons in the system, newest first' })
  @ApiOkResponse({ description: 'At most 100 erasures', type: [ConnectorReceiptDto] })
  @ApiNotFoundResponse({ description: 'No such connector', type: ProblemDetails })
  list(
    @Param('name') name: string,
    @Query() { status, limit }: ConnectorReceiptsQuery,
  ): Promise<ConnectorReceiptDto[]> {
    return this.receipts.list(name, status, limit);
  }

  @Post(':name/erasures/:customerId/retry')
  @HttpCode(HttpStatus.OK)
  @NAME
  @ApiParam({ name: 'customerId', description: 'Id of the customer, from the list' })
  @ApiOperation({ summary: 'Try an erasure again that is under way or was refused' })
  @ApiOkResponse({ description: 'The erasure', type: ConnectorReceiptDto })
  @ApiNotFoundResponse({ description: 'No such erasure or connector', type: ProblemDetails })
  @ApiConflictResponse({
    description: 'The system has erased the person, or the person is in another account of it',
    type: ProblemDetails,
  })
  retry(
    @Param('name') name: string,
    @Param('customerId', ParseUUIDPipe) customerId: string,
  ): Promise<ConnectorReceiptDto> {
    return this.receipts.retry(name, customerId);
  }

  @Post(':name/erasures/:customerId/settle')
  @HttpCode(HttpStatus.OK)
  @NAME
  @ApiParam({ name: 'customerId', description: 'Id of the customer, from the list' })
  @ApiOperation({
    summary: 'Confirm an erasure by hand',
    description:
      'For a system that does not erase the person, or that cannot be asked any more. Nothing of the person may be left there. The audit keeps the reason.',
  })
  @ApiOkResponse({ description: 'The erasure', type: ConnectorReceiptDto })
  @ApiNotFoundResponse({ description: 'No such erasure', type: ProblemDetails })
  @ApiConflictResponse({ description: 'The system has erased the person', type: ProblemDetails })
  settle(
    @Param('name') name: string,
    @Param('customerId', ParseUUIDPipe) customerId: string,
    @Body() { reason }: SettleErasureDto,
  ): Promise<ConnectorReceiptDto> {
    return this.receipts.settle(name, customerId, reason);
  }
}
