import { Body, Delete, Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import {
  AddSuppressionDto,
  SuppressionDto,
  SuppressionPageDto,
  SuppressionsQuery,
} from './suppression.dto.js';
import { SuppressionsService } from './suppressions.service.js';

@AdminController('suppressions')
export class SuppressionsController {
  constructor(private readonly suppressions: SuppressionsService) {}

  @Get()
  @ApiOperation({ summary: 'List addresses that get no mail, newest first' })
  @ApiOkResponse({ description: 'A page of addresses', type: SuppressionPageDto })
  list(@Query() query: SuppressionsQuery): Promise<SuppressionPageDto> {
    return this.suppressions.list(query);
  }

  @Post()
  @ApiOperation({ summary: 'Send no more mail to an address' })
  @ApiCreatedResponse({ description: 'The suppression, as it is now', type: SuppressionDto })
  add(@Body() suppression: AddSuppressionDto): Promise<SuppressionDto> {
    return this.suppressions.addManually(suppression);
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Send mail to an address again' })
  @ApiParam({ name: 'id', description: 'Id of the suppression' })
  @ApiNoContentResponse({ description: 'The suppression is removed' })
  @ApiNotFoundResponse({ description: 'No such suppression', type: ProblemDetails })
  remove(@Param('id', ParseUUIDPipe) id: string): Promise<void> {
    return this.suppressions.remove(id);
  }
}
