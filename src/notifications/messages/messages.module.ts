import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MessageLinksModule } from '../../platform/message-links/message-links.module.js';
import { MessageComposer } from './message-composer.service.js';
import { MessageRenderer } from './overrides/message-renderer.service.js';
import { ActiveOverrides } from './overrides/active-overrides.service.js';
import { ContentRehearsal } from './overrides/content-rehearsal.service.js';
import { TemplateOverride } from './overrides/template-override.entity.js';
import { TemplateOverrides } from './overrides/template-overrides.service.js';
import { TemplatesController } from './overrides/templates.controller.js';
import { TemplatePreviewsController } from './preview/template-previews.controller.js';

/** What messages say and look like: built-in content, operators' overrides, previews. */
@Module({
  imports: [MessageLinksModule, TypeOrmModule.forFeature([TemplateOverride])],
  controllers: [TemplatePreviewsController, TemplatesController],
  providers: [MessageComposer, MessageRenderer, ActiveOverrides, ContentRehearsal, TemplateOverrides],
  exports: [MessageRenderer],
})
export class MessagesModule {}
