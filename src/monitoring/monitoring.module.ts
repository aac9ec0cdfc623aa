import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { NotificationsModule } from '../notifications/notifications.module.js';
import { JobsModule } from '../platform/jobs/jobs.module.js';
import { Drain } from '../platform/http/drain.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsSummaryController } from './summary/metrics-summary.controller.js';
import { MetricsSummary } from './summary/metrics-summary.service.js';
import { PoolGauges } from './pool-gauges.service.js';
import { ReadinessChecks } from './readiness-checks.service.js';
import { StateGauges } from './state-gauges.service.js';
import { WatchdogFindingsController } from './watchdog-findings.controller.js';
import { WatchdogFindings } from './watchdog-findings.service.js';

/** Health for orchestrators, metrics for Prometheus. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), NotificationsModule, JobsModule],
  controllers: [HealthController, MetricsController, MetricsSummaryController, WatchdogFindingsController],
  providers: [ReadinessChecks, WatchdogFindings, Drain, StateGauges, PoolGauges, MetricsSummary],
})
export class MonitoringModule {}
