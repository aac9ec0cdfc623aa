import { getHeapStatistics } from 'node:v8';
import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { causedBy } from '../../../platform/cause.js';
import type { CollectedEvent } from '../reading/collected-event.js';
import { CollectorWriter } from './collector-writer.service.js';

/** A transaction takes requests until it has this many events, or bodies of this many bytes. */
const GROUP_EVENTS = 2000;
const GROUP_BYTES = 4 * 1024 * 1024;

/** The limit of all bodies that wait or are being written. Parsed, they take several times that memory. */
const WAITING_BYTES = getHeapStatistics().heap_size_limit / 32;

interface Waiting {
  events: readonly CollectedEvent[];
  bytes: number;
  resolve: (refused: readonly CollectedEvent[]) => void;
  reject: (error: unknown) => void;
}

/**
 * Group commit of the collector: requests that arrive while events are being written are written together, in the next
 * transaction.
 */
@Injectable()
export class CollectorIntake {
  private waiting: Waiting[] = [];
  private bytes = 0;
  private isWriting = false;

  constructor(private readonly writer: CollectorWriter) {}

  /**
   * Resolves when the events are committed, with those that the database refuses.
   * @param bytes the size of their request
   * @throws ServiceUnavailableException when too many wait; the error of the database
   */
  submit(events: readonly CollectedEvent[], bytes: number): Promise<readonly CollectedEvent[]> {
    if (this.bytes + bytes > WAITING_BYTES && this.waiting.length > 0)
      throw new ServiceUnavailableException('Too many events are waiting');
    return new Promise((resolve, reject) => {
      this.waiting.push({ events, bytes, resolve, reject });
      this.bytes += bytes;
      // A transaction of several requests has none of them as its cause.
      if (!this.isWriting) void causedBy({}, () => this.writeWaiting());
    });
  }

  private async writeWaiting(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const group = this.nextGroup();
      await this.writeGroup(group);
      for (const { bytes } of group) this.bytes -= bytes;
    }
    this.isWriting = false;
  }

  private nextGroup(): Waiting[] {
    let [events, bytes, count] = [0, 0, 0];
    for (const one of this.waiting) {
      events += one.events.length;
      bytes += one.bytes;
      if (count > 0 && (events > GROUP_EVENTS || bytes > GROUP_BYTES)) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const refused = await this.writer.write(group.flatMap(({ events }) => events));
      for (const { resolve } of group) resolve(refused);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
