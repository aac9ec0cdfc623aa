import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { normaliseAddress } from '../../platform/mail-address.js';
import type { ChannelName } from '../notification-kind.js';
import { MailCaps } from '../limits/mail-caps.service.js';
import { SUPPRESSED_AMONG } from '../suppressions/suppression.entity.js';
import { type Delivery, findQueued } from './delivery.queries.js';
import { refusingSubjectOf } from './refusing-domains.js';

/** How long read data is used. A customer who changes a choice in this time may get one more message. */
const FRESH_MS = 1000;

/** Whether data of this time (in milliseconds of this process's clock) may still be used. */
export function isRecent(time: number): boolean {
  return performance.now() - time < FRESH_MS;
}

/** Reads what deliveries depend on, for all notifications of a job at once: each read costs a round trip. */
@Injectable()
export class DeliveryReader {
  private changedAt = 0;

  constructor(
    private readonly caps: MailCaps,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Opens the deliveries of a job. They are read when the first one is needed. */
  open(notificationIds: readonly string[]): OpenDeliveries {
    return new OpenDeliveries(notificationIds, this);
  }

  /** Discards what was read before, for example after a fault of the channel. The next delivery reads again. */
  discard(): void {
    this.changedAt = performance.now();
  }

  /** Whether data read at this time (in milliseconds of this process's clock) is still valid. */
  isFresh(readAt: number): boolean {
    return readAt > this.changedAt && isRecent(readAt);
  }

  async read(notificationIds: readonly string[]): Promise<Map<string, Delivery>> {
    const queued = await findQueued(this.dataSource, notificationIds);
    const emails = queued.filter(({ channel }) => channel === 'email').map(({ email }) => email);
    const [suppressed, mailCounts] = await Promise.all([
      this.suppressedOf(emails),
      this.caps.countsOf(emails, emails.map(refusingSubjectOf)),
    ]);
    const counted = new Set(mailCounts.rows.map(({ subject }) => subject));
    return new Map(
      queued.map((notification) => [
        notification.id,
        {
          ...notification,
          suppressed: suppressed.has(normaliseAddress(notification.email)),
          refusing: notification.channel === 'email' && counted.has(refusingSubjectOf(notification.email)),
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

/** The deliveries of one job. They are read together. The remaining ones are read again when the data is too old. */
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

  /** The channels of the notifications that have not ended. */
  async channels(): Promise<Map<string, ChannelName>> {
    if (!this.reader.isFresh(this.readAt)) this.readLeft();
    return new Map([...(await this.deliveries)].map(([id, { channel }]) => [id, channel]));
  }

  /** Takes a delivery. Returns null if it has ended or was taken already. */
  async take(notificationId: string): Promise<Delivery | null> {
    if (!this.left.has(notificationId)) return null;
    if (!this.reader.isFresh(this.readAt)) this.readLeft();
    this.left.delete(notificationId);
    const delivery = (await this.deliveries).get(notificationId) ?? null;
    // While a channel recovers, each attempt changes what the next one may do.
    if (delivery && delivery.channel_failures > 0) this.readAt = Number.NEGATIVE_INFINITY;
    return delivery;
  }

  /** Reads a delivery again and takes it. */
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
