import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { MessageLinks } from './message-links.service.js';
import { SignedTokens } from './signed-tokens.service.js';

/** Links in messages, made by the providers with `@MakesMessageLink`. */
@Module({
  imports: [DiscoveryModule],
  providers: [MessageLinks, SignedTokens],
  exports: [MessageLinks, SignedTokens],
})
export class MessageLinksModule {}
