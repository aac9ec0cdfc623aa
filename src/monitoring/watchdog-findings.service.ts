import { Injectable } from '@nestjs/common';
import { type HealthIndicatorFunction, HealthIndicatorService } from '@nestjs/terminus';
import { InjectDataSource } from '@nestjs/typeorm';
import { Gauge, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { timeout } from './timeout.js';
import type { WatchdogFindingDto } from './watchdog-finding.dto.js';

/** Shows what the watchdog found, in every process: as a detail of readiness, as metrics, to the operator. */
@Injectable()
export class WatchdogFindings {
  constructor(
    private readonly indicators: HealthIndicatorService,
    registry: Registry,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {
    const gauge: Gauge<'check'> = new Gauge({
      name: 'watchdog_check_ok',
      help: 'What the watchdog thinks of each check: 1 ok, 0 warning; missing while it cannot tell',
      labelNames: ['check'],
      registers: [registry],
      collect: () => this.measure(gauge),
    });
  }

  list(): Promise<WatchdogFindingDto[]> {
    return this.dataSource.query(FINDINGS);
  }

  /** Never down: a wrong endpoint in Stripe is no reason to send this process no work. */
  detail(): HealthIndicatorFunction {
    return async () => {
      const findings = (await this.listInTime()).map(({ name, state }) => [name, state]);
      return this.indicators.check('watchdog').up(Object.fromEntries(findings));
    };
  }

  private async measure(gauge: Gauge<'check'>): Promise<void> {
    gauge.reset();
    for (const { name, state } of await this.listInTime()) {
      if (state !== 'unknown') gauge.set({ check: name }, state === 'ok' ? 1 : 0);
    }
  }

  private async listInTime(): Promise<WatchdogFindingDto[]> {
    const findings = await Promise.race([this.list().catch(() => false as const), timeout()]);
    return findings || [];
  }
}

/** The watchdog looks every five minutes; what it has not confirmed for long is not known any more. */
const FINDINGS = `
  select name,
    case when checked_at < now() - interval '20 minutes' then 'unknown' else state end as state,
    detail, since, checked_at as "checkedAt"
  from watchdog_findings
  order by name`;
