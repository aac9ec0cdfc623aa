import { Controller, Get, HttpStatus, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { Drain } from '../platform/http/drain.js';
import { ReadinessChecks } from './readiness-checks.service.js';
import { WatchdogFindings } from './watchdog-findings.service.js';

@ApiTags('monitoring')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly readiness: ReadinessChecks,
    private readonly watchdog: WatchdogFindings,
    private readonly drain: Drain,
  ) {}

  @Get('live')
  @HealthCheck()
  @ApiOperation({ summary: 'Whether the process answers; restart it when it does not' })
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @HealthCheck()
  @ApiOperation({
    summary: 'Whether the process can do its work',
    description:
      'Database and schema in every process; job worker, oldest due job and mail server in those with the worker ' +
      'role. 503 names the part that is down; `shutting_down` is a process that is stopping. Whether any ' +
      'process works (`workers`) and the findings of the watchdog are shown, but never make it 503.',
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthCheckResult> {
    if (this.drain.hasBegun) {
      void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
      return { status: 'shutting_down', details: {} };
    }
    try {
      return await this.health.check([
        ...this.readiness.all(),
        this.readiness.workers(),
        this.watchdog.detail(),
      ]);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      // Problem details would not name the part that is down.
      void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
      return error.getResponse() as HealthCheckResult;
    }
  }
}
