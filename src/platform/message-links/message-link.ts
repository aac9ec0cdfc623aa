import { DiscoveryService } from '@nestjs/core';

/** Whom a message goes to, and which it is. */
export interface LinkedMessage {
  customerId: string;
  /** Where it goes. */
  email: string;
  kind: string;
  channel: string;
}

/** Makes one of the links in a message. Asked anew for each attempt to send it, so that a repeat never carries a dead link. */
export interface MessageLinkMaker {
  /** Null where the message has no such link. */
  linkFor(message: LinkedMessage): Promise<string | null> | string | null;
}

/** Marks the one provider that makes the link of this name: `@MakesMessageLink('portalUrl')`. */
export const MakesMessageLink = DiscoveryService.createDecorator<string>();
