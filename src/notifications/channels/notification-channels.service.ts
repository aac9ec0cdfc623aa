import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { CHANNELS, type ChannelName } from '../notification-kind.js';
import { DeliversChannel, type NotificationChannel } from './notification-channel.js';

/** Knows the class of each channel. */
@Injectable()
export class NotificationChannels {
  private readonly channels = new Map<ChannelName, NotificationChannel>();

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws when a channel has no class or two: better at boot than in the first delivery */
  onModuleInit(): void {
    for (const provider of this.discovery.getProviders()) {
      const name = provider.metatype && this.discovery.getMetadataByDecorator(DeliversChannel, provider);
      if (!name) continue;
      if (this.channels.has(name)) throw new Error(`Two classes for the channel "${name}"`);
      this.channels.set(name, provider.instance as NotificationChannel);
    }
    const missing = CHANNELS.filter((name) => !this.channels.has(name));
    if (missing.length > 0) throw new Error(`No class for the channels: ${missing.join(', ')}`);
  }

  get(name: ChannelName): NotificationChannel {
    return this.channels.get(name) as NotificationChannel;
  }
}
