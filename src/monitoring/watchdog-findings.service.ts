import { Injectable } from '@nestjs/common';
import { type HealthIndicatorFunction, HealthIndicatorService } from '@nestjs/terminus';
import { InjectDataSource } from '@nestjs/typeorm';
import { type Gauge, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { gauge } from '../platform/metrics/metrics.js';
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
    gauge(registry, 'watchdog_check_ok', (checks) => this.measure(checks));
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

  private async measure(checks: Gauge<'check'>): Promise<void> {
    checks.reset();
    for (const { name, state } of await this.listInTime()) {
      if (state !== 'unknown') checks.set({ check: name }, state === 'ok' ? 1 : 0);
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
