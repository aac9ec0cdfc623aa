import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AttachBehaviourJob } from './attaching/attach-behaviour.job.js';
import { BrowserCallsController } from './collector/browser-calls.controller.js';
import { Collector } from './collector/collector.service.js';
import { CollectorIntake } from './collector/writing/collector-intake.service.js';
import { CollectorMetrics } from './collector/writing/collector-metrics.service.js';
import { CollectorRequests } from './collector/collector-requests.service.js';
import { CollectorWriter } from './collector/writing/collector-writer.service.js';
import { EventsController } from './collector/events.controller.js';
import { PreflightController } from './collector/preflight.controller.js';
import { BehaviourErasureListener } from './erasing/behaviour-erasure.listener.js';
import { EmptyBehaviourJob } from './erasing/empty-behaviour.job.js';
import { FirstPartyFactsListener } from './facts/first-party-facts.listener.js';
import { BehaviourMonths } from './months/behaviour-months.service.js';
import { IdlePeople } from './months/idle-people.service.js';
import { KeepBehaviourMonthsJob } from './months/keep-behaviour-months.job.js';
import { AnonymousId } from './stream/anonymous-id.entity.js';
import { BehaviourEvent } from './stream/behaviour-event.entity.js';
import { Person } from './stream/person.entity.js';

/** Takes and keeps what people do in MINGUS, together with what this service knows of them, as one stream of events. */
@Module({
  imports: [TypeOrmModule.forFeature([BehaviourEvent, Person, AnonymousId])],
  controllers: [EventsController, BrowserCallsController, PreflightController],
  providers: [
    Collector,
    CollectorIntake,
    CollectorMetrics,
    CollectorRequests,
    CollectorWriter,
    AttachBehaviourJob,
    FirstPartyFactsListener,
    BehaviourErasureListener,
    EmptyBehaviourJob,
    BehaviourMonths,
    IdlePeople,
    KeepBehaviourMonthsJob,
  ],
})
export class BehaviourModule {}
