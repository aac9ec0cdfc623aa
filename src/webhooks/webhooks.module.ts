import { Module } from '@nestjs/common';
import { IntakeModule } from './intake/intake.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';
import { StoredEventsModule } from './stored-events/stored-events.module.js';
import { WatchdogModule } from './watchdog/watchdog.module.js';

/** Receives Stripe's events, decides about them and emits facts. It does not depend on the listeners. */
@Module({ imports: [IntakeModule, StoredEventsModule, ReconciliationModule, WatchdogModule] })
export class WebhooksModule {}
