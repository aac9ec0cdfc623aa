import { Controller, HttpCode, HttpStatus, Options, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { LimitedByAddress } from '../../platform/access/address-guard.js';
import { CALLS } from './reading/collected-event.js';
import { OriginGuard } from './origin.guard.js';

const PATHS = [...CALLS, 'batch'].flatMap((call) => [call, call.charAt(0)]);
const DAY_SECONDS = '86400';

/** Answers browsers that ask whether a page may send an event with `Authorization` or as `application/json`. */
@ApiExcludeController()
@LimitedByAddress()
@UseGuards(OriginGuard)
@Controller('v1')
export class PreflightController {
  @Options(PATHS)
  @HttpCode(HttpStatus.NO_CONTENT)
  answer(@Res({ passthrough: true }) reply: FastifyReply): void {
    void reply.headers({
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Authorization, Content-Type',
      'access-control-max-age': DAY_SECONDS,
    });
  }
}
