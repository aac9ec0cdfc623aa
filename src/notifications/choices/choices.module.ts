import { Module } from '@nestjs/common';
import { MessageLinksModule } from '../../platform/message-links/message-links.module.js';
import { PagesModule } from '../../platform/pages/pages.module.js';
import { RateLimitsModule } from '../../platform/rate-limits/rate-limits.module.js';
import { PreferenceLinks, UnsubscribeLinks } from './choice-links.js';
import { ChoicePages } from './choice-pages.service.js';
import { CustomerChoicesService } from './customer-choices.service.js';
import { PreferencePageController } from './preference-page.controller.js';
import { UnsubscribeController } from './unsubscribe.controller.js';

/** The pages where customers choose their messages, and the links to them. */
@Module({
  imports: [MessageLinksModule, PagesModule, RateLimitsModule],
  controllers: [PreferencePageController, UnsubscribeController],
  providers: [PreferenceLinks, UnsubscribeLinks, CustomerChoicesService, ChoicePages],
})
export class ChoicesModule {}
