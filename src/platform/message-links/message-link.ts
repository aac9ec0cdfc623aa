import { DiscoveryService } from '@nestjs/core';

/** A message and its recipient. */
export interface LinkedMessage {
  customerId: string;
  /** The address of the recipient. */
  email: string;
  kind: string;
  channel: string;
}

/**
 * Makes one of the links in a message. Called again for each attempt to send it, so that a repeat never
 * contains a dead link.
 */
export interface MessageLinkMaker {
  /** Null if the message has no such link. */
  linkFor(message: LinkedMessage): Promise<string | null> | string | null;
}

/** Marks the one provider that makes the link of this name: `@MakesMessageLink('portalUrl')`. */
export const MakesMessageLink = DiscoveryService.createDecorator<string>();
