import { Module } from '@nestjs/common';
import { InboxModule } from '../inbox/inbox.module.js';
import { Deliveries } from './deliveries.service.js';
import { SignatureRefusals } from './signature-refusals.service.js';
import { WebhookIntake } from './webhook-intake.service.js';
import { WebhookSecrets } from './webhook-secrets.service.js';
import { WebhooksController } from './webhooks.controller.js';

/** Receives deliveries from Stripe: signature, group commit, answer. */
@Module({
  imports: [InboxModule],
  controllers: [WebhooksController],
  providers: [Deliveries, WebhookIntake, WebhookSecrets, SignatureRefusals],
})
export class IntakeModule {}
