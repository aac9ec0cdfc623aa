import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CustomersModule } from '../../customers/customers.module.js';
import { StripeModule } from '../../platform/stripe/stripe.module.js';
import { InboxModule } from '../inbox/inbox.module.js';
import { FetchStripeObjectJob } from './fetching/fetch-stripe-object.job.js';
import { Refetch } from './fetching/refetch.service.js';
import { RefreshCustomerJob } from './fetching/refresh-customer.job.js';
import { StripeObjects } from './fetching/stripe-objects.service.js';
import { EventLinkController } from './linking/event-link.controller.js';
import { EventLinksService } from './linking/event-links.service.js';
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
import { EventFinder } from './search/event-finder.service.js';
import { WebhookEventsController } from './search/webhook-events.controller.js';
import { DecideWaitingEventsJob } from './waiting/decide-waiting-events.job.js';
import { PendingEventsListener } from './waiting/pending-events.listener.js';
import { ResolvePendingEventsJob } from './waiting/resolve-pending-events.job.js';
import { WaitingEvents } from './waiting/waiting-events.service.js';

const REPLAY = [ReplayPlanner, EventReplayer, WebhookEventReplaysService, ReplayEventsJob];
const WAITING = [WaitingEvents, PendingEventsListener, ResolvePendingEventsJob, DecideWaitingEventsJob];
const FETCHING = [StripeObjects, FetchStripeObjectJob, RefreshCustomerJob, Refetch];
const RETENTION = [ErasureListener, ForgetEventsJob, PurgeEventBodiesJob];

/**
 * The handling of events after they are stored: search, replay, linking, waiting for users, fetching,
 * retention.
 */
@Module({
  imports: [CustomersModule, InboxModule, StripeModule, TypeOrmModule.forFeature([WebhookEventReplay])],
  controllers: [
    WebhookEventsController,
    EventReplayController,
    EventLinkController,
    WebhookEventReplaysController,
  ],
  providers: [EventFinder, EventLinksService, ...REPLAY, ...WAITING, ...FETCHING, ...RETENTION],
})
export class StoredEventsModule {}
