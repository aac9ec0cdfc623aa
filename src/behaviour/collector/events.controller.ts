import { applyDecorators, HttpCode, HttpStatus, Post, Req, Res, UseGuards } from '@nestjs/common';
import {
  ApiBody,
  ApiOkResponse,
  ApiOperation,
  ApiPayloadTooLargeResponse,
  ApiServiceUnavailableResponse,
  ApiUnsupportedMediaTypeResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CollectorController } from '../../platform/access/collector-controller.decorator.js';
import { TakesRawBody } from '../../platform/http/fastify-adapter.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { BatchDto, CollectedDto, TrackedEventDto } from './collector.dto.js';
import { CollectorRequests } from './collector-requests.service.js';
import { OriginGuard } from './origin.guard.js';

/** A call of the protocol, which takes a body of any content type: browsers send JSON as `text/plain`. */
const TrackingCall = (path: string, summary: string, type: typeof TrackedEventDto | typeof BatchDto) =>
  applyDecorators(
    Post(path),
    TakesRawBody(),
    HttpCode(HttpStatus.OK),
    ApiOperation({ summary }),
    ApiBody({ type }),
    ApiOkResponse({ description: 'Committed', type: CollectedDto }),
    ApiPayloadTooLargeResponse({
      description: 'An event over 32 KB or a batch over 500 KB',
      type: ProblemDetails,
    }),
    ApiUnsupportedMediaTypeResponse({
      description: 'A `Content-Encoding` other than gzip',
      type: ProblemDetails,
    }),
    ApiServiceUnavailableResponse({ description: 'Not committed; send it again', type: ProblemDetails }),
  );

/** Segment's HTTP tracking API. An answer of 200 means that the events are committed. */
@CollectorController('v1')
@UseGuards(OriginGuard)
export class EventsController {
  constructor(private readonly requests: CollectorRequests) {}

  @TrackingCall('track', 'Record what a user did', TrackedEventDto)
  track(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.requests.takeCall('track', request, reply);
  }

  @TrackingCall('identify', 'Name the user behind an anonymous id, with traits', TrackedEventDto)
  identify(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.requests.takeCall('identify', request, reply);
  }

  @TrackingCall('page', 'Record a view of a page', TrackedEventDto)
  page(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.requests.takeCall('page', request, reply);
  }

  @TrackingCall('screen', 'Record a view of a screen of an app', TrackedEventDto)
  screen(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.requests.takeCall('screen', request, reply);
  }

  @TrackingCall('group', 'Record the group that a user belongs to', TrackedEventDto)
  group(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.requests.takeCall('group', request, reply);
  }

  @TrackingCall('alias', 'Make an earlier anonymous id a user', TrackedEventDto)
  alias(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.requests.takeCall('alias', request, reply);
  }

  @TrackingCall('batch', 'Record several events; faulty ones are refused alone', BatchDto)
  batch(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.requests.takeBatch(request, reply);
  }
}
