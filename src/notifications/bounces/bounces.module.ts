import { Module } from '@nestjs/common';
import { RateLimitsModule } from '../../platform/rate-limits/rate-limits.module.js';
import { SuppressionsModule } from '../suppressions/suppressions.module.js';
import { BounceRecorder } from './bounce-recorder.service.js';
import { BouncesService } from './bounces.service.js';
import { MailWebhookController } from './mail-webhook.controller.js';
import { UnreadMailReportsController } from './unread/unread-mail-reports.controller.js';
import { UnreadMailReports } from './unread/unread-mail-reports.service.js';

/** Reports of mail systems about messages that were sent. */
@Module({
  imports: [RateLimitsModule, SuppressionsModule],
  controllers: [UnreadMailReportsController, MailWebhookController],
  providers: [BouncesService, BounceRecorder, UnreadMailReports],
})
export class BouncesModule {}
