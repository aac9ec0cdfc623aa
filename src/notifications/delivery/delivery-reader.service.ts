import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { normaliseAddress } from '../../platform/mail-address.js';
import type { ChannelName } from '../notification-kind.js';
import { MailCaps } from '../limits/mail-caps.service.js';
import { SUPPRESSED_AMONG } from '../suppressions/suppression.entity.js';
import { type Delivery, findQueued } from './delivery.queries.js';

/** What was read is used for so long. Whoever changes a choice in this time may get one message more. */
const FRESH_MS = 1000;

/** Whether what was known at a time, in milliseconds of this process's clock, may be used still. */
export function isRecent(time: number): boolean {
  return performance.now() - time < FRESH_MS;
}

/** Reads what deliveries depend on: for all of a job together, since most of it costs a round trip each. */
@Injectable()
export class DeliveryReader {
  private changedAt = 0;

  constructor(
    private readonly caps: MailCaps,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** The deliveries of a job. Nothing is read before they are asked for. */
  open(notificationIds: readonly string[]): OpenDeliveries {
    return new OpenDeliveries(notificationIds, this);
  }

  /** Something has happened that others must know: a fault of the channel, say. All is read again. */
  forget(): void {
    this.changedAt = performance.now();
  }

  /** Whether what was read then, in milliseconds of this process's clock, still holds. */
  isFresh(readAt: number): boolean {
    return readAt > this.changedAt && isRecent(readAt);
  }

  async read(notificationIds: readonly string[]): Promise<Map<string, Delivery>> {
    const queued = await findQueued(this.dataSource, notificationIds);
    const emails = queued.filter(({ channel }) => channel === 'email').map(({ email }) => email);
    const [suppressed, mailCounts] = await Promise.all([
      this.suppressedOf(emails),
      this.caps.countsOf(emails),
    ]);
    return new Map(
      queued.map((notification) => [
        notification.id,
        {
          ...notification,
          suppressed: suppressed.has(normaliseAddress(notification.email)),
          mailCounts,
        },
      ]),
    );
  }

  private async suppressedOf(emails: readonly string[]): Promise<Set<string>> {
    if (emails.length === 0) return new Set();
    const rows = await this.dataSource.query<{ address: string }[]>(SUPPRESSED_AMONG, [
      emails.map(normaliseAddress),
    ]);
    return new Set(rows.map(({ address }) => address));
  }
}

/** The deliveries of one job, read together, and those left again when they are no longer fresh. */
export class OpenDeliveries {
  private readonly left: Set<string>;
  private readAt = Number.NEGATIVE_INFINITY;
  private deliveries: Promise<Map<string, Delivery>> = Promise.resolve(new Map());

  constructor(
    notificationIds: readonly string[],
    private readonly reader: DeliveryReader,
  ) {
    this.left = new Set(notificationIds);
  }

  /** The channels of those that have not ended. */
  async channels(): Promise<Map<string, ChannelName>> {
    if (!this.reader.isFresh(this.readAt)) this.readLeft();
    return new Map([...(await this.deliveries)].map(([id, { channel }]) => [id, channel]));
  }

  /** Takes one; null when it has ended already, or was taken. */
  async take(notificationId: string): Promise<Delivery | null> {
    if (!this.left.has(notificationId)) return null;
    if (!this.reader.isFresh(this.readAt)) this.readLeft();
    this.left.delete(notificationId);
    const delivery = (await this.deliveries).get(notificationId) ?? null;
    // While a channel recovers, each attempt changes what the next one may do.
    if (delivery && delivery.channel_failures > 0) this.readAt = Number.NEGATIVE_INFINITY;
    return delivery;
  }

  /** Takes one once more, as it is now. */
  retake(notificationId: string): Promise<Delivery | null> {
    this.left.add(notificationId);
    this.readAt = Number.NEGATIVE_INFINITY;
    return this.take(notificationId);
  }

  private readLeft(): void {
    this.readAt = performance.now();
    this.deliveries = this.reader.read([...this.left]);
  }
}
