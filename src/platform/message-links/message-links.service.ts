import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { providersMarkedBy } from '../marked-providers.js';
import { type LinkedMessage, MakesMessageLink, type MessageLinkMaker } from './message-link.js';

/**
 * Collects the links in messages from the modules that make them, so that these modules and the messages do
 * not depend on each other.
 */
@Injectable()
export class MessageLinks {
  private makers = new Map<string, MessageLinkMaker>();

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    this.makers = providersMarkedBy(this.discovery, MakesMessageLink, 'message link');
  }

  /** Name → URL. */
  async of(message: LinkedMessage): Promise<Record<string, string>> {
    const links = [...this.makers].map(
      async ([name, maker]) => [name, await maker.linkFor(message)] as const,
    );
    return Object.fromEntries((await Promise.all(links)).filter(isLink));
  }
}

function isLink(link: readonly [string, string | null]): link is [string, string] {
  return link[1] !== null;
}
