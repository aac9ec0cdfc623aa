import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CustomersModule } from '../customers/customers.module.js';
import { StripeModule } from '../platform/stripe/stripe.module.js';
import { KnownStateReader } from './decision/known-state-reader.service.js';
import { EventPlanner } from './event-planner.service.js';
import { EventTrace } from './event-trace.service.js';
import { FetchStripeObjectJob } from './fetching/fetch-stripe-object.job.js';
import { RefreshCustomerJob } from './fetching/refresh-customer.job.js';
import { StripeCustomers } from './fetching/stripe-customers.service.js';
import { CustomerCreatedHandler } from './handlers/customer-created.handler.js';
import { CustomerDeletedHandler } from './handlers/customer-deleted.handler.js';
import { CustomerUpdatedHandler } from './handlers/customer-updated.handler.js';
import { EventGenerationFailureHandler } from './handlers/event-generation-failure.handler.js';
import { EventHandlers } from './handlers/event-handlers.service.js';
import { ListedCustomerHandler } from './handlers/listed-customer.handler.js';
import { ThinCustomerHandler } from './handlers/thin-customer.handler.js';
import { DecideWaitingEventsJob } from './waiting/decide-waiting-events.job.js';
import { EventLinkController } from './linking/event-link.controller.js';
import { EventLinker } from './linking/event-linker.service.js';
import { EventLinksService } from './linking/event-links.service.js';
import { WaitingEvents } from './waiting/waiting-events.service.js';
import { PendingEventsListener } from './waiting/pending-events.listener.js';
import { DriftDetector } from './reconciliation/drift/drift-detector.service.js';
import { DriftRepairer } from './reconciliation/drift/drift-repairer.service.js';
import { PageReconciler } from './reconciliation/page-reconciler.service.js';
import { ReconcileJob } from './reconciliation/reconcile.job.js';
import { Reconciler } from './reconciliation/reconciler.service.js';
import { ReconciliationFinding } from './reconciliation/reconciliation-finding.entity.js';
import { Reconciliation } from './reconciliation/reconciliation.entity.js';
import { ReconciliationsController } from './reconciliation/reconciliations.controller.js';
import { ReconciliationsService } from './reconciliation/reconciliations.service.js';
import { StartReconciliationJob } from './reconciliation/start-reconciliation.job.js';
import { StripeLists } from './reconciliation/stripe-lists.service.js';
import { EventReplayController } from './replay/event-replay.controller.js';
import { EventReplayer } from './replay/event-replayer.service.js';
import { ReplayEventsJob } from './replay/replay-events.job.js';
import { ReplayPlanner } from './replay/replay-planner.service.js';
import { WebhookEventReplay } from './replay/webhook-event-replay.entity.js';
import { WebhookEventReplaysController } from './replay/webhook-event-replays.controller.js';
import { WebhookEventReplaysService } from './replay/webhook-event-replays.service.js';
import { ErasureListener } from './retention/erasure.listener.js';
import { ForgetEventsJob } from './retention/forget-events.job.js';
import { PurgeEventBodiesJob } from './retention/purge-event-bodies.job.js';
import { ResolvePendingEventsJob } from './waiting/resolve-pending-events.job.js';
import { EndpointCheck } from './watchdog/endpoint.check.js';
import { NewestEventCheck } from './watchdog/newest-event.check.js';
import { RunWatchdogJob, WATCHDOG_CHECKS } from './watchdog/run-watchdog.job.js';
import { SecretInUseCheck } from './watchdog/secret-in-use.check.js';
import { SilenceCheck } from './watchdog/silence.check.js';
import { WatchdogFinding } from './watchdog/watchdog-finding.entity.js';
import { WebhookEvent } from './webhook-event.entity.js';
import { WebhookEventsController } from './webhook-events.controller.js';
import { WebhookIntake } from './intake/webhook-intake.service.js';
import { SignatureRefusals } from './intake/signature-refusals.service.js';
import { WebhookMetrics } from './intake/webhook-metrics.js';
import { WebhookSecrets } from './intake/webhook-secrets.service.js';
import { WebhookProcessor } from './webhook-processor.service.js';
import { WebhooksController } from './intake/webhooks.controller.js';

const CHECKS = [EndpointCheck, NewestEventCheck, SilenceCheck, SecretInUseCheck];

/** The inbox: signature, intake, decision. Emits what happened; knows none of the listeners. */
@Module({
  imports: [
    CustomersModule,
    StripeModule,
    DiscoveryModule,
    TypeOrmModule.forFeature([
      WebhookEvent,
      WebhookEventReplay,
      WatchdogFinding,
      Reconciliation,
      ReconciliationFinding,
    ]),
  ],
  controllers: [
    WebhooksController,
    WebhookEventsController,
    EventReplayController,
    EventLinkController,
    WebhookEventReplaysController,
    ReconciliationsController,
  ],
  providers: [
    WebhookIntake,
    WebhookProcessor,
    KnownStateReader,
    EventHandlers,
    CustomerCreatedHandler,
    CustomerUpdatedHandler,
    CustomerDeletedHandler,
    ThinCustomerHandler,
    EventGenerationFailureHandler,
    ListedCustomerHandler,
    EventPlanner,
    EventTrace,
    WebhookMetrics,
    SignatureRefusals,
    WebhookSecrets,
    PendingEventsListener,
    ResolvePendingEventsJob,
    StripeCustomers,
    FetchStripeObjectJob,
    ReplayPlanner,
    EventReplayer,
    EventLinker,
    EventLinksService,
    WaitingEvents,
    DecideWaitingEventsJob,
    WebhookEventReplaysService,
    ReplayEventsJob,
    ErasureListener,
    ForgetEventsJob,
    PurgeEventBodiesJob,
    RefreshCustomerJob,
    ...CHECKS,
    { provide: WATCHDOG_CHECKS, useFactory: (...checks: unknown[]) => checks, inject: CHECKS },
    RunWatchdogJob,
    StripeLists,
    DriftDetector,
    DriftRepairer,
    PageReconciler,
    Reconciler,
    ReconciliationsService,
    ReconcileJob,
    StartReconciliationJob,
  ],
})
export class WebhooksModule {}
