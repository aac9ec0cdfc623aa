import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { InAppChannel } from './in-app.channel.js';
import { InAppMessage } from './in-app-message.entity.js';
import { InAppMessagesController } from './in-app-messages.controller.js';
import { InAppMessagesService } from './in-app-messages.service.js';

/** The channel for messages that MINGUS shows in its app. */
@Module({
  imports: [TypeOrmModule.forFeature([InAppMessage])],
  controllers: [InAppMessagesController],
  providers: [InAppChannel, InAppMessagesService],
})
export class InAppModule {}
