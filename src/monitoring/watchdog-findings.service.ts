import { Injectable } from '@nestjs/common';
import { type HealthIndicatorFunction, HealthIndicatorService } from '@nestjs/terminus';
import { InjectDataSource } from '@nestjs/typeorm';
import { type Gauge, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { gauge } from '../platform/metrics/metrics.js';
import { timeout } from './timeout.js';
import type { WatchdogFindingDto } from './watchdog-finding.dto.js';

/** Shows the findings of the watchdog in every process: in readiness, as metrics, and to operators. */
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

  /** Never down, because a wrong endpoint in Stripe does not prevent this process from working. */
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

/** The watchdog runs every five minutes. A finding that it has not confirmed for a long time is unknown. */
const FINDINGS = `
  select name,
    case when checked_at < now() - interval '20 minutes' then 'unknown' else state end as state,
    detail, since, checked_at as "checkedAt"
  from watchdog_findings
  order by name`;
