import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type LinkedMessage, MakesMessageLink, type MessageLinkMaker } from './message-link.js';

/** The links in messages that only other modules can make; those modules and the messages know nothing of each other. */
@Injectable()
export class MessageLinks {
  private readonly makers = new Map<string, MessageLinkMaker>();

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    for (const provider of this.discovery.getProviders()) {
      const name = provider.metatype && this.discovery.getMetadataByDecorator(MakesMessageLink, provider);
      if (!name) continue;
      if (this.makers.has(name)) throw new Error(`Two makers of the link "${name}"`);
      this.makers.set(name, provider.instance as MessageLinkMaker);
    }
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
