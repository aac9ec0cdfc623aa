import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ChannelBreaker } from '../channels/channel-breaker.service.js';
import { ChannelStates } from '../channels/channel-states.service.js';
import { NotificationChannels } from '../channels/notification-channels.service.js';
import { MailCaps } from '../limits/mail-caps.service.js';
import { MessagesModule } from '../messages/messages.module.js';
import { SuppressionsModule } from '../suppressions/suppressions.module.js';
import { AttemptRecorder } from './attempt-recorder.service.js';
import { ChannelFaults } from './channel-faults.service.js';
import { DeliverNotificationJob } from './deliver-notification.job.js';
import { DeliveryLedger } from './delivery-ledger.service.js';
import { DeliveryReader } from './delivery-reader.service.js';
import { DeliveryRules } from './delivery-rules.js';
import { DeliveryService } from './delivery.service.js';

/** The delivery engine. It finds the channels by their decorator and imports none of them. */
@Module({
  imports: [DiscoveryModule, MessagesModule, SuppressionsModule],
  providers: [
    AttemptRecorder,
    ChannelBreaker,
    ChannelFaults,
    ChannelStates,
    DeliverNotificationJob,
    DeliveryLedger,
    DeliveryReader,
    DeliveryRules,
    DeliveryService,
    MailCaps,
    NotificationChannels,
  ],
})
export class DeliveryModule {}
