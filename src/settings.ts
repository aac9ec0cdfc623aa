import { AutomationsSettings } from './automations/automations.settings.js';
import { AccessSettings } from './access/access.settings.js';
import { AnalyticsSettings } from './analytics/analytics.settings.js';
import { AuditSettings } from './audit/audit.settings.js';
import { BehaviourSettings } from './behaviour/behaviour.settings.js';
import { CustomersSettings } from './customers/customers.settings.js';
import { ExperimentsSettings } from './experiments/experiments.settings.js';
import { IntegrationsSettings } from './integrations/integrations.settings.js';
import { LifecycleSettings } from './lifecycle/lifecycle.settings.js';
import { MonitoringSettings } from './monitoring/monitoring.settings.js';
import { MailSettings } from './notifications/email/mail.settings.js';
import { MailCapSettings, NotificationsSettings } from './notifications/notifications.settings.js';
import { RequestLimitSettings } from './platform/access/request-limit.settings.js';
import { BrandSettings } from './platform/brand/brand.settings.js';
import { DatabaseSettings } from './platform/database/database.settings.js';
import { DevelopmentSettings } from './platform/development/development.settings.js';
import { HttpSettings } from './platform/http/http.settings.js';
import { I18nSettings } from './platform/i18n/i18n.settings.js';
import { JobSettings } from './platform/jobs/job.settings.js';
import { LogSettings } from './platform/logging/log.settings.js';
import { MessageLinkSettings } from './platform/message-links/message-link.settings.js';
import { OutboundSettings } from './platform/outbound/outbound.settings.js';
import { ProcessSettings } from './platform/process/process.settings.js';
import { SecretsSettings } from './platform/secrets/secrets.settings.js';
import { checkEnvironment, placeholdersFor, variablesOf } from './platform/settings/environment.js';
import type { Environment } from './platform/settings/settings.js';
import { StripeSettings } from './platform/stripe/stripe.settings.js';
import { TracingSettings } from './platform/tracing/tracing.settings.js';
import { PortalSettings } from './portal/portal.settings.js';
import { PredictionsSettings } from './predictions/predictions.settings.js';
import { SubscriptionsSettings } from './subscriptions/subscriptions.settings.js';
import { ReconciliationSettings, WebhooksSettings } from './webhooks/webhooks.settings.js';

/** The settings of all modules, in the order of docs/configuration.md. */
export const SETTINGS = [
  ProcessSettings,
  DatabaseSettings,
  HttpSettings,
  AccessSettings,
  RequestLimitSettings,
  StripeSettings,
  WebhooksSettings,
  ReconciliationSettings,
  CustomersSettings,
  MailSettings,
  NotificationsSettings,
  MailCapSettings,
  BrandSettings,
  I18nSettings,
  MessageLinkSettings,
  PortalSettings,
  SubscriptionsSettings,
  LifecycleSettings,
  AnalyticsSettings,
  BehaviourSettings,
  ExperimentsSettings,
  PredictionsSettings,
  IntegrationsSettings,
  AutomationsSettings,
  SecretsSettings,
  OutboundSettings,
  AuditSettings,
  MonitoringSettings,
  LogSettings,
  TracingSettings,
  JobSettings,
  DevelopmentSettings,
] as const;

/**
 * Checks the variables of all modules. This file and its imports load no heavy modules, so that an invalid
 * configuration ends the process at once.
 * @throws InvalidEnvironment
 */
export function readEnvironment(source: NodeJS.ProcessEnv): Environment {
  return checkEnvironment(SETTINGS, source);
}

/** Outside production, required variables that are not set get placeholders: not every program uses them. */
export function withPlaceholders(environment: Environment): Environment {
  if (environment.NODE_ENV === 'production') return environment;
  return { ...placeholdersFor(variablesOf(SETTINGS)), ...environment };
}
