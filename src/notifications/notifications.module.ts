import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BouncesModule } from './bounces/bounces.module.js';
import { NotificationChannelState } from './channels/notification-channel-state.entity.js';
import { ChoicesModule } from './choices/choices.module.js';
import { DeliveryModule } from './delivery/delivery.module.js';
import { MailModule } from './email/mail.module.js';
import { InAppModule } from './in-app/in-app.module.js';
import { MessagesModule } from './messages/messages.module.js';
import { NotificationAttempt } from './notification-attempt.entity.js';
import { NotificationBulk } from './notification-bulk.service.js';
import { NotificationOperations } from './notification-operations.service.js';
import { Notification } from './notification.entity.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsListener } from './notifications.listener.js';
import { NotificationsService } from './notifications.service.js';
import { SuppressionsModule } from './suppressions/suppressions.module.js';

/** Messages to customers. They are queued in the transaction of their customer, and delivered by jobs. */
@Module({
  imports: [
    InAppModule,
    SuppressionsModule,
    BouncesModule,
    ChoicesModule,
    MessagesModule,
    MailModule,
    DeliveryModule,
    TypeOrmModule.forFeature([Notification, NotificationAttempt, NotificationChannelState]),
  ],
  controllers: [NotificationsController],
  providers: [NotificationsListener, NotificationsService, NotificationOperations, NotificationBulk],
  exports: [NotificationsService, MailModule, MessagesModule],
})
export class NotificationsModule {}
