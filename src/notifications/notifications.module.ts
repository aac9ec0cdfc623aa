import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BouncesService } from './bounces/bounces.service.js';
import { MailWebhookController } from './bounces/mail-webhook.controller.js';
import { ChannelBreaker } from './channels/channel-breaker.service.js';
import { NotificationChannelState } from './channels/notification-channel-state.entity.js';
import { NotificationChannels } from './channels/notification-channels.service.js';
import { PreferenceLinks, UnsubscribeLinks } from './choices/choice-links.js';
import { ChoicePages } from './choices/choice-pages.service.js';
import { CustomerChoicesService } from './choices/customer-choices.service.js';
import { PreferencePageController } from './choices/preference-page.controller.js';
import { UnsubscribeController } from './choices/unsubscribe.controller.js';
import { DeliverNotificationJob } from './delivery/deliver-notification.job.js';
import { AttemptConsequences } from './delivery/attempt-consequences.service.js';
import { AttemptRecorder } from './delivery/attempt-recorder.service.js';
import { DeliveryAttempts } from './delivery/delivery-attempts.service.js';
import { DeliveryReader } from './delivery/delivery-reader.service.js';
import { DeliveryRules } from './delivery/delivery-rules.js';
import { DeliveryService } from './delivery/delivery.service.js';
import { MessagesModule } from './messages/messages.module.js';
import { EmailChannel } from './email/email.channel.js';
import { MailModule, SmtpOffersModule } from './email/mail.module.js';
import { MailSender } from './email/mail-sender.service.js';
import { InAppChannel } from './in-app/in-app.channel.js';
import { InAppMessage } from './in-app/in-app-message.entity.js';
import { InAppMessagesController } from './in-app/in-app-messages.controller.js';
import { InAppMessagesService } from './in-app/in-app-messages.service.js';
import { MailCaps } from './limits/mail-caps.service.js';
import { MessageLinksModule } from '../platform/message-links/message-links.module.js';
import { PagesModule } from '../platform/pages/pages.module.js';
import { RateLimitsModule } from '../platform/rate-limits/rate-limits.module.js';
import { NotificationAttempt } from './notification-attempt.entity.js';
import { Notification } from './notification.entity.js';
import { NotificationOperations } from './notification-operations.service.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsListener } from './notifications.listener.js';
import { NotificationsService } from './notifications.service.js';
import { SuppressionsController } from './suppressions/suppressions.controller.js';
import { SuppressionsService } from './suppressions/suppressions.service.js';

/** Messages to customers: queued with the customer, delivered by jobs. */
@Module({
  imports: [
    MailModule,
    MessagesModule,
    MessageLinksModule,
    PagesModule,
    RateLimitsModule,
    SmtpOffersModule,
    TypeOrmModule.forFeature([Notification, NotificationAttempt, NotificationChannelState, InAppMessage]),
    DiscoveryModule,
  ],
  controllers: [
    NotificationsController,
    InAppMessagesController,
    SuppressionsController,
    MailWebhookController,
    PreferencePageController,
    UnsubscribeController,
  ],
  providers: [
    NotificationsListener,
    NotificationsService,
    NotificationOperations,
    NotificationChannels,
    EmailChannel,
    InAppChannel,
    InAppMessagesService,
    DeliveryReader,
    DeliveryRules,
    DeliveryAttempts,
    MailCaps,
    DeliveryService,
    AttemptRecorder,
    AttemptConsequences,
    ChannelBreaker,
    SuppressionsService,
    PreferenceLinks,
    UnsubscribeLinks,
    CustomerChoicesService,
    ChoicePages,
    BouncesService,
    DeliverNotificationJob,
    MailSender,
  ],
  exports: [NotificationsService, MailSender],
})
export class NotificationsModule {}
