import { HttpCode, HttpStatus, NotFoundException, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CollectorController } from '../../platform/access/collector-controller.decorator.js';
import { TakesRawBody } from '../../platform/http/fastify-adapter.js';
import { CALLS } from './reading/collected-event.js';
import type { CollectedDto } from './collector.dto.js';
import { CollectorRequests } from './collector-requests.service.js';
import { OriginGuard } from './origin.guard.js';

const LETTERS = CALLS.map((call) => call.charAt(0));

/** Segment's client for browsers sends each call to its first letter. */
@ApiExcludeController()
@CollectorController('v1')
@UseGuards(OriginGuard)
export class BrowserCallsController {
  constructor(private readonly requests: CollectorRequests) {}

  @Post(LETTERS)
  @TakesRawBody()
  @HttpCode(HttpStatus.OK)
  take(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CollectedDto> {
    const letter = request.routeOptions.url?.at(-1);
    const call = CALLS.find((one) => one.charAt(0) === letter);
    if (!call) throw new NotFoundException();
    return this.requests.takeCall(call, request, reply);
  }

  @Post('b')
  @TakesRawBody()
  @HttpCode(HttpStatus.OK)
  takeBatch(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CollectedDto> {
    return this.requests.takeBatch(request, reply);
  }
}
