import { Body, Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { Raw, Repository } from 'typeorm';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { findPage } from '../../platform/http/page.dto.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { Delivery } from '../deliveries/delivery.entity.js';
import { DeliveryOperations } from '../deliveries/delivery-operations.service.js';
import {
  BulkDeliveriesDto,
  BulkDeliveriesResultDto,
  DeliveriesQuery,
  type DeliveryDto,
  DeliveryPageDto,
} from './delivery.dto.js';

const ID = ApiParam({ name: 'id', description: 'Id of the delivery' });
const UNKNOWN = ApiNotFoundResponse({ description: 'No such delivery', type: ProblemDetails });
const ENDED = ApiConflictResponse({ description: 'It has ended, or is under way', type: ProblemDetails });

@AdminController('deliveries')
export class DeliveriesController {
  constructor(
    private readonly operations: DeliveryOperations,
    @InjectRepository(Delivery) private readonly deliveries: Repository<Delivery>,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List deliveries to connectors, newest first' })
  @ApiOkResponse({ description: 'A page of deliveries', type: DeliveryPageDto })
  async list(@Query() query: DeliveriesQuery): Promise<DeliveryPageDto> {
    const { connector, status, kind, reason, stripeCustomerId } = query;
    const ofCustomer = (column: string) =>
      `${column} in (select id from customers where stripe_customer_id = :stripeCustomerId)`;
    const customerId = stripeCustomerId === undefined ? undefined : Raw(ofCustomer, { stripeCustomerId });
    const where = { connector, status, kind, reason, customerId };
    const given = Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined));
    const { items, nextCursor } = await findPage(this.deliveries, query, given, ['content', 'claim']);
    return { items: items.map(toDto), nextCursor };
  }

  @Post('bulk')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Queue again or cancel all deliveries that match, oldest first' })
  @ApiOkResponse({ description: 'How many were changed', type: BulkDeliveriesResultDto })
  @ENDED
  async bulk(@Body() { act, ...filter }: BulkDeliveriesDto): Promise<BulkDeliveriesResultDto> {
    const done =
      act === 'resend' ? await this.operations.resendAll(filter) : await this.operations.cancelAll(filter);
    return { done };
  }

  @Post(':id/resend')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ID
  @ApiOperation({
    summary: 'Queue a delivery from the start of its schedule',
    description: 'A delivery with an unknown outcome may then have its effect twice.',
  })
  @ApiNoContentResponse({ description: 'It is queued' })
  @UNKNOWN
  @ENDED
  resend(@Param('id', ParseUUIDPipe) id: string): Promise<void> {
    return this.operations.resend(id);
  }

  @Post(':id/cancel')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ID
  @ApiOperation({ summary: 'Cancel a delivery' })
  @ApiNoContentResponse({ description: 'It is cancelled' })
  @UNKNOWN
  @ENDED
  cancel(@Param('id', ParseUUIDPipe) id: string): Promise<void> {
    return this.operations.cancel(id);
  }
}

function toDto(delivery: Delivery): DeliveryDto {
  const { id, connector, customerId, kind, occurrence, status, isBackfill, attempts, reason, detail } =
    delivery;
  const { foreignId, triedAt, nextAttemptAt, createdAt, updatedAt, endedAt } = delivery;
  const known = { id, connector, customerId, kind, occurrence, status, isBackfill, attempts, reason, detail };
  return {
    ...known,
    foreignId,
    triedAt,
    nextAttemptAt: status === 'queued' ? nextAttemptAt : null,
    createdAt,
    updatedAt,
    endedAt,
  };
}
