import { Module } from '@nestjs/common';
import { ConnectorsAdminModule } from '../integrations/admin/connectors-admin.module.js';
import { ConnectorsModule } from '../integrations/connectors/connectors.module.js';
import { OutboxModule } from '../integrations/outbox/outbox.module.js';
import { NotificationsModule } from '../notifications/notifications.module.js';
import { AnalysisModule } from '../platform/analysis/analysis.module.js';
import { SegmentsModule } from '../segments/segments.module.js';
import { AutomationConnectors } from './admin/automation-connectors.service.js';
import { AutomationRunsController } from './admin/automation-runs.controller.js';
import { AutomationRuns } from './admin/automation-runs.service.js';
import { AutomationsController } from './admin/automations.controller.js';
import { Automations } from './admin/automations.service.js';
import { DefinitionChecks } from './admin/definition-checks.service.js';
import { AutomationsErasureListener } from './automations-erasure.listener.js';
import { ActionPreviews } from './dry-run/action-previews.service.js';
import { DryRuns } from './dry-run/dry-runs.service.js';
import { Actions } from './running/actions.service.js';
import { AutomationLanes } from './running/automation-lanes.service.js';
import { RunAdvancer } from './running/run-advancer.service.js';
import { AutomationFeed } from './starting/automation-feed.consumer.js';
import { StartDueAutomationsJob } from './starting/start-due-automations.job.js';

/** What follows from facts about customers: actions in systems outside, messages and attributes, with waits between them. */
@Module({
  imports: [
    AnalysisModule,
    ConnectorsModule,
    ConnectorsAdminModule,
    OutboxModule,
    NotificationsModule,
    SegmentsModule,
  ],
  controllers: [AutomationsController, AutomationRunsController],
  providers: [
    AutomationFeed,
    StartDueAutomationsJob,
    Actions,
    RunAdvancer,
    AutomationLanes,
    AutomationsErasureListener,
    DefinitionChecks,
    AutomationConnectors,
    Automations,
    AutomationRuns,
    ActionPreviews,
    DryRuns,
  ],
})
export class AutomationsModule {}
