import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ExperimentsModule } from '../../experiments/experiments.module.js';
import { CustomersModule } from '../../customers/customers.module.js';
import { DecisionModule } from '../decision/decision.module.js';
import { EventPlanner } from './event-planner.service.js';
import { EventTrace } from './event-trace.service.js';
import { KnownStateReader } from './known-state-reader.service.js';
import { Redecision } from './redecision.service.js';
import { WebhookEvent } from './webhook-event.entity.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { WebhookProcessor } from './webhook-processor.service.js';

/** Decides about events and commits the decisions. */
@Module({
  imports: [CustomersModule, ExperimentsModule, DecisionModule, TypeOrmModule.forFeature([WebhookEvent])],
  providers: [KnownStateReader, EventPlanner, WebhookProcessor, Redecision, EventTrace, WebhookMetrics],
  exports: [
    DecisionModule,
    KnownStateReader,
    WebhookProcessor,
    Redecision,
    EventTrace,
    WebhookMetrics,
    TypeOrmModule,
  ],
})
export class InboxModule {}
