import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import { AnalyticsModule } from './analytics/analytics.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AutomationsModule } from './automations/automations.module.js';
import { BehaviourModule } from './behaviour/behaviour.module.js';
import { CustomersModule } from './customers/customers.module.js';
import { ENTITIES } from './entities.js';
import { ExperimentsModule } from './experiments/experiments.module.js';
import { ConnectorsAdminModule } from './integrations/admin/connectors-admin.module.js';
import { IntegrationsModule } from './integrations/integrations.module.js';
import { LifecycleModule } from './lifecycle/lifecycle.module.js';
import { MonitoringModule } from './monitoring/monitoring.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import type { Environment } from './platform/settings/settings.js';
import { ClockModule } from './platform/clock.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { FactsModule } from './platform/facts/facts.module.js';
import { I18nModule } from './platform/i18n/i18n.module.js';
import { JobsModule } from './platform/jobs/jobs.module.js';
import { SettingsModule } from './platform/settings/settings.module.js';
import { MetricsModule } from './platform/metrics/metrics.module.js';
import { PredictionsModule } from './predictions/predictions.module.js';
import { PortalModule } from './portal/portal.module.js';
import { SegmentsModule } from './segments/segments.module.js';
import { SETTINGS } from './settings.js';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.js';
import { WebhooksSettings } from './webhooks/webhooks.settings.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';
/** The webhooks module emits facts; the feature modules add their rows to its unit of work, in this order. */
@Module({})
export class AppModule {
  static forRoot(environment: Environment): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.forRoot(SETTINGS, environment),
        ClockModule,
        I18nModule,
        MetricsModule,
        DatabaseModule.forRoot(ENTITIES, new WebhooksSettings(environment).writers),
        FactsModule,
        JobsModule,
        AccessModule,
        CustomersModule,
        PortalModule,
        SubscriptionsModule,
        LifecycleModule,
        NotificationsModule,
        AnalyticsModule,
        SegmentsModule,
        ExperimentsModule,
        BehaviourModule,
        PredictionsModule,
        IntegrationsModule,
        ConnectorsAdminModule,
        AutomationsModule,
        AuditModule,
        WebhooksModule,
        MonitoringModule,
      ],
    };
  }
}
