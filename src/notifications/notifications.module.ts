import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DeliverNotificationJob } from './delivery/deliver-notification.job.js';
import { DeliveryService } from './delivery/delivery.service.js';
import { MailModule } from './delivery/mail.module.js';
import { MailSender } from './delivery/mail-sender.service.js';
import { MessagesModule } from './messages/messages.module.js';
import { NotificationAttempt } from './notification-attempt.entity.js';
import { NotificationChannelState } from './notification-channel-state.entity.js';
import { Notification } from './notification.entity.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsListener } from './notifications.listener.js';
import { NotificationsService } from './notifications.service.js';

/** Messages to customers: queued with the customer, delivered by jobs. */
@Module({
  imports: [
    MailModule,
    MessagesModule,
    TypeOrmModule.forFeature([Notification, NotificationAttempt, NotificationChannelState]),
  ],
  controllers: [NotificationsController],
  providers: [
    NotificationsListener,
    NotificationsService,
    DeliveryService,
    DeliverNotificationJob,
    MailSender,
  ],
  exports: [NotificationsService, MailSender],
})
export class NotificationsModule {}
