import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import pLimit from 'p-limit';
import { providersMarkedBy } from '../../platform/marked-providers.js';
import { CHANNELS, type ChannelName } from '../notification-kind.js';
import { DeliversChannel, type NotificationChannel } from './notification-channel.js';

/**
 * Messages in progress for each one that is sent: while one is sent, another one is rendered or recorded. A
 * process that is killed has sent at most this many messages without recording them. They are sent again.
 */
const UNDERWAY_PER_SENT = 2;

/** Limits how many messages of a channel are in progress at a time, and how many are sent at a time. */
export interface Room {
  underway: ReturnType<typeof pLimit>;
  sending: ReturnType<typeof pLimit>;
}

/** Finds the class of each channel, and keeps the limits of each channel. */
@Injectable()
export class NotificationChannels {
  private channels = new Map<ChannelName, NotificationChannel>();
  /** One for each channel, so that a slow mail server does not delay other channels. */
  private rooms = new Map<ChannelName, Room>();

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws if a channel has no class or two, so that the boot fails instead of the first delivery */
  onModuleInit(): void {
    this.channels = providersMarkedBy(this.discovery, DeliversChannel, 'channel', CHANNELS);
    this.rooms = new Map([...this.channels].map(([name, { concurrency }]) => [name, roomFor(concurrency)]));
  }

  get(name: ChannelName): NotificationChannel {
    return this.channels.get(name) as NotificationChannel;
  }

  roomOf(name: ChannelName): Room {
    return this.rooms.get(name) as Room;
  }
}

function roomFor(concurrency: number): Room {
  return { underway: pLimit(concurrency * UNDERWAY_PER_SENT), sending: pLimit(concurrency) };
}
