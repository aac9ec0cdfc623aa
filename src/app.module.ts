import { type DynamicModule, Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { AccessModule } from './access/access.module.js';
import { AnalyticsModule } from './analytics/analytics.module.js';
import { AuditModule } from './audit/audit.module.js';
import { CustomersModule } from './customers/customers.module.js';
import { ENTITIES } from './entities.js';
import { LifecycleModule } from './lifecycle/lifecycle.module.js';
import { MonitoringModule } from './monitoring/monitoring.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import type { AppConfig } from './platform/config/app-config.js';
import { ConfigModule } from './platform/config/config.module.js';
import { ClockModule } from './platform/clock.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { I18nModule } from './platform/i18n/i18n.module.js';
import { JobsModule } from './platform/jobs/jobs.module.js';
import { MetricsModule } from './platform/metrics/metrics.module.js';
import { PortalModule } from './portal/portal.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/**
 * The table of contents. Webhooks emits what happened; the feature modules below it listen and add their
 * rows to the event's unit of work, in this order.
 */
@Module({})
export class AppModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        ClockModule,
        I18nModule,
        MetricsModule,
        DatabaseModule.forRoot(ENTITIES),
        EventEmitterModule.forRoot(),
        JobsModule,
        AccessModule,

        CustomersModule,
        PortalModule,
        LifecycleModule,
        NotificationsModule,
        AnalyticsModule,
        AuditModule,

        WebhooksModule,
        MonitoringModule,
      ],
    };
  }
}
