import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { NotificationsModule } from '../notifications/notifications.module.js';
import { JobsModule } from '../platform/jobs/jobs.module.js';
import { Drain } from '../platform/http/drain.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { ReadinessChecks } from './readiness-checks.service.js';
import { WatchdogFindingsController } from './watchdog-findings.controller.js';
import { WatchdogFindings } from './watchdog-findings.service.js';

/** Health for orchestrators, metrics for Prometheus. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), NotificationsModule, JobsModule],
  controllers: [HealthController, MetricsController, WatchdogFindingsController],
  providers: [ReadinessChecks, WatchdogFindings, Drain],
})
export class MonitoringModule {}
