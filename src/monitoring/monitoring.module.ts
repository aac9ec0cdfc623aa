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
import { AlertsModule } from './alerts/alerts.module.js';
import { KeepHouseJob } from './storage/keep-house.job.js';
import { StateGauges } from './state-gauges.service.js';
import { WatchdogFindingsController } from './watchdog-findings.controller.js';

/** Health for orchestrators, metrics for Prometheus, alerts for people. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), NotificationsModule, JobsModule, AlertsModule],
  controllers: [HealthController, MetricsController, MetricsSummaryController, WatchdogFindingsController],
  providers: [ReadinessChecks, Drain, StateGauges, PoolGauges, MetricsSummary, KeepHouseJob],
})
export class MonitoringModule {}
