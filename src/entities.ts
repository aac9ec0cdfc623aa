import { Automation } from './automations/definitions/automation.entity.js';
import { AutomationVersion } from './automations/definitions/automation-version.entity.js';
import { AutomationRun } from './automations/running/automation-run.entity.js';
import { AutomationStep } from './automations/running/automation-step.entity.js';
import { CustomerAttribute } from './automations/running/customer-attribute.entity.js';
import { AutomationCrossing } from './automations/starting/automation-crossing.entity.js';
import { AnalyticsDailyRollup } from './analytics/analytics-daily-rollup.entity.js';
import { AnalyticsEvent } from './analytics/analytics-event.entity.js';
import { AnalyticsQuestionVersion } from './analytics/questions/saved/analytics-question-version.entity.js';
import { AnalyticsQuestion } from './analytics/questions/saved/analytics-question.entity.js';
import { AnalyticsRollup } from './analytics/questions/saved/analytics-rollup.entity.js';
import { AuditEntry } from './audit/audit-entry.entity.js';
import { AuditSeal } from './audit/seals/audit-seal.entity.js';
import { AnonymousId } from './behaviour/stream/anonymous-id.entity.js';
import { BehaviourEvent } from './behaviour/stream/behaviour-event.entity.js';
import { Person } from './behaviour/stream/person.entity.js';
import { CustomerPreferences } from './customers/customer-preferences.entity.js';
import { Customer } from './customers/customer.entity.js';
import { ApiKey } from './access/api-key.entity.js';
import { User } from './customers/users/user.entity.js';
import { ExperimentUnit } from './experiments/assignment/experiment-unit.entity.js';
import { SampleRatioCheck } from './experiments/results/sample-ratio-check.entity.js';
import { ExperimentCount } from './experiments/results/experiment-count.entity.js';
import { ExperimentPhase } from './experiments/definitions/experiment-phase.entity.js';
import { ExperimentRevision } from './experiments/definitions/experiment-revision.entity.js';
import { Experiment } from './experiments/definitions/experiment.entity.js';
import { ConnectorBackfill } from './integrations/backfills/connector-backfill.entity.js';
import { ConnectorInstance } from './integrations/connectors/connector-instance.entity.js';
import { ConnectorRate } from './integrations/connectors/connector-rate.entity.js';
import { ConnectorLink } from './integrations/deliveries/connector-link.entity.js';
import { DeliveryAttempt } from './integrations/deliveries/delivery-attempt.entity.js';
import { Delivery } from './integrations/deliveries/delivery.entity.js';
import { ConnectorErasure } from './integrations/erasures/connector-erasure.entity.js';
import { ConnectorMapping } from './integrations/mapping/connector-mapping.entity.js';
import { OutboxEntry } from './integrations/outbox/outbox-entry.entity.js';
import { OutboxPosition } from './integrations/outbox/outbox-position.entity.js';
import { OutboxSequence } from './integrations/outbox/outbox-sequence.entity.js';
import { CustomerLifecycle } from './lifecycle/customer-lifecycle.entity.js';
import { UserMilestone } from './lifecycle/own-milestones/user-milestone.entity.js';
import { LifecycleTransition } from './lifecycle/lifecycle-transition.entity.js';
import { AlertChange } from './monitoring/alerts/alert-change.entity.js';
import { Alert } from './monitoring/alerts/alert.entity.js';
import { SignalCount } from './monitoring/alerts/signals/signal-count.entity.js';
import { DiskReading } from './monitoring/storage/disk-reading.entity.js';
import { TableSize } from './monitoring/storage/table-size.entity.js';
import { NotificationChannelState } from './notifications/channels/notification-channel-state.entity.js';
import { InAppMessage } from './notifications/in-app/in-app-message.entity.js';
import { NotificationAttempt } from './notifications/notification-attempt.entity.js';
import { UnreadMailReport } from './notifications/bounces/unread/unread-mail-report.entity.js';
import { TemplateOverride } from './notifications/messages/overrides/template-override.entity.js';
import { Notification } from './notifications/notification.entity.js';
import { AddressFailure } from './notifications/suppressions/address-failure.entity.js';
import { Suppression } from './notifications/suppressions/suppression.entity.js';
import { JobWorker } from './platform/jobs/job-worker.entity.js';
import { RequestCount } from './platform/rate-limits/request-count.entity.js';
import { PortalLink } from './portal/portal-link.entity.js';
import { PortalAccess } from './portal/portal-access.entity.js';
import { ReconciliationFinding } from './webhooks/reconciliation/reconciliation-finding.entity.js';
import { Reconciliation } from './webhooks/reconciliation/reconciliation.entity.js';
import { CustomerPrediction } from './predictions/stored/customer-prediction.entity.js';
import { PredictionModel } from './predictions/stored/prediction-model.entity.js';
import { PredictionOutcome } from './predictions/stored/prediction-outcome.entity.js';
import { PredictionState } from './predictions/stored/prediction-state.entity.js';
import { PortalConfiguration } from './portal/sessions/portal-configuration.entity.js';
import { SegmentVersion } from './segments/definitions/segment-version.entity.js';
import { SegmentRevision } from './segments/definitions/segment-revision.entity.js';
import { Segment } from './segments/definitions/segment.entity.js';
import { CustomerSegments } from './segments/memberships/customer-segments.entity.js';
import { SegmentChange } from './segments/memberships/segment-change.entity.js';
import { SegmentCandidate } from './segments/upkeep/segment-candidate.entity.js';
import { SegmentMember } from './segments/memberships/segment-member.entity.js';
import { CustomerRevenue } from './subscriptions/customer-revenue.entity.js';
import { Dispute } from './subscriptions/dispute.entity.js';
import { Invoice } from './subscriptions/invoice.entity.js';
import { MrrMovement } from './subscriptions/mrr-movement.entity.js';
import { MrrDay } from './subscriptions/revenue/mrr-day.entity.js';
import { RevenueCheck } from './subscriptions/revenue/revenue-check.entity.js';
import { Subscription } from './subscriptions/subscription.entity.js';
import { WebhookEventReplay } from './webhooks/stored-events/replay/webhook-event-replay.entity.js';
import { WatchdogFinding } from './webhooks/watchdog/watchdog-finding.entity.js';
import { WebhookSecretUse } from './webhooks/intake/webhook-secret-use.entity.js';
import { WebhookEvent } from './webhooks/inbox/webhook-event.entity.js';

/** All tables of the service, for the application and for the migration CLI. */
export const ENTITIES = [
  User,
  Customer,
  CustomerPreferences,
  WebhookEvent,
  WebhookEventReplay,
  WebhookSecretUse,
  WatchdogFinding,
  Reconciliation,
  ReconciliationFinding,
  PortalAccess,
  PortalLink,
  PortalConfiguration,
  Subscription,
  Invoice,
  Dispute,
  CustomerRevenue,
  MrrMovement,
  MrrDay,
  RevenueCheck,
  CustomerLifecycle,
  LifecycleTransition,
  UserMilestone,
  Notification,
  NotificationAttempt,
  NotificationChannelState,
  TemplateOverride,
  InAppMessage,
  Suppression,
  AddressFailure,
  UnreadMailReport,
  AnalyticsEvent,
  AnalyticsDailyRollup,
  AnalyticsQuestion,
  AnalyticsQuestionVersion,
  AnalyticsRollup,
  Person,
  AnonymousId,
  BehaviourEvent,
  Segment,
  SegmentVersion,
  SegmentRevision,
  CustomerSegments,
  SegmentChange,
  SegmentMember,
  SegmentCandidate,
  Experiment,
  ExperimentPhase,
  ExperimentRevision,
  ExperimentUnit,
  SampleRatioCheck,
  ExperimentCount,
  PredictionModel,
  PredictionState,
  CustomerPrediction,
  PredictionOutcome,
  OutboxEntry,
  OutboxSequence,
  OutboxPosition,
  ConnectorInstance,
  ConnectorMapping,
  ConnectorRate,
  ConnectorLink,
  Delivery,
  DeliveryAttempt,
  ConnectorErasure,
  ConnectorBackfill,
  Automation,
  AutomationVersion,
  AutomationRun,
  AutomationStep,
  AutomationCrossing,
  CustomerAttribute,
  AuditEntry,
  AuditSeal,
  ApiKey,
  JobWorker,
  RequestCount,
  Alert,
  AlertChange,
  SignalCount,
  DiskReading,
  TableSize,
];
