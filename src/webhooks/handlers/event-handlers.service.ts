import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { HandlesStripeEvents, type StripeEventHandler } from './stripe-event-handler.js';

/** Knows which handler is there for which type of event. */
@Injectable()
export class EventHandlers implements OnModuleInit {
  private readonly handlers = new Map<string, StripeEventHandler>();

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws when a type has two handlers */
  onModuleInit(): void {
    for (const provider of this.discovery.getProviders()) {
      const types = provider.metatype && this.discovery.getMetadataByDecorator(HandlesStripeEvents, provider);
      for (const type of [types ?? []].flat()) this.register(type, provider.instance as StripeEventHandler);
    }
  }

  of(type: string): StripeEventHandler | null {
    return this.handlers.get(type) ?? null;
  }

  /** The handled types of Stripe's snapshot events. */
  get snapshotTypes(): string[] {
    return [...this.handlers.keys()].filter(isSnapshotType);
  }

  private register(type: string, handler: StripeEventHandler): void {
    if (this.handlers.has(type)) throw new Error(`Two handlers for Stripe's "${type}"`);
    this.handlers.set(type, handler);
  }
}

/** Neither a thin event's (`v1.…`, `v2.…`) nor our own. */
export function isSnapshotType(type: string): boolean {
  return !/^(v\d+|mingus)\./.test(type);
}
