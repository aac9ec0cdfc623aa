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
import { DomainError } from '../../platform/http/domain-error.js';
import { findPage } from '../../platform/http/page.dto.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { DeliveryAttempt } from '../deliveries/delivery-attempt.entity.js';
import { Delivery } from '../deliveries/delivery.entity.js';
import { DeliveryBulk } from '../operations/delivery-bulk.service.js';
import { DeliveryOperations } from '../operations/delivery-operations.service.js';
import {
  BulkDeliveriesDto,
  BulkDeliveriesResultDto,
  DeliveriesQuery,
  DeliveryDetailsDto,
  type DeliveryDto,
  DeliveryPageDto,
} from './delivery.dto.js';

const ID = ApiParam({ name: 'id', description: 'Id of the delivery' });
const UNKNOWN = ApiNotFoundResponse({ description: 'No such delivery', type: ProblemDetails });
const ENDED = ApiConflictResponse({ description: 'It has ended, or is under way', type: ProblemDetails });

const ATTEMPTS_MAX = 100;

@AdminController('deliveries')
export class DeliveriesController {
  constructor(
    private readonly operations: DeliveryOperations,
    private readonly bulkActs: DeliveryBulk,
    @InjectRepository(Delivery) private readonly deliveries: Repository<Delivery>,
    @InjectRepository(DeliveryAttempt) private readonly attempts: Repository<DeliveryAttempt>,
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
  @ApiOperation({
    summary: 'Queue again or cancel all deliveries that match, oldest first',
    description: 'More than 1,000 are changed by a job. What changes after the request is left alone.',
  })
  @ApiOkResponse({ description: 'How many match, and how many were changed', type: BulkDeliveriesResultDto })
  @ENDED
  bulk(@Body() { act, ...filter }: BulkDeliveriesDto): Promise<BulkDeliveriesResultDto> {
    return this.bulkActs.start(act, filter);
  }

  @Get(':id')
  @ID
  @ApiOperation({ summary: 'One delivery with its attempts' })
  @ApiOkResponse({ description: 'The delivery', type: DeliveryDetailsDto })
  @UNKNOWN
  async get(@Param('id', ParseUUIDPipe) id: string): Promise<DeliveryDetailsDto> {
    const delivery = await this.deliveries.findOneBy({ id });
    if (!delivery) throw new DomainError('delivery_not_found', `No delivery ${id}`);
    const newest = { attemptedAt: 'DESC', id: 'DESC' } as const;
    const attempts = await this.attempts.find({
      where: { deliveryId: id },
      order: newest,
      take: ATTEMPTS_MAX,
    });
    const history = attempts.map(({ attemptedAt, result, code, detail, durationMs }) => {
      return { attemptedAt, result, code, detail, durationMs };
    });
    return { ...toDto(delivery), history };
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
    return this.operations.act(id, 'resend');
  }

  @Post(':id/cancel')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ID
  @ApiOperation({ summary: 'Cancel a delivery' })
  @ApiNoContentResponse({ description: 'It is cancelled' })
  @UNKNOWN
  @ENDED
  cancel(@Param('id', ParseUUIDPipe) id: string): Promise<void> {
    return this.operations.act(id, 'cancel');
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
