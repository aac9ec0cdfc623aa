import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DomainError } from '../platform/http/domain-error.js';
import { spellingsOf } from '../platform/mail-address.js';
import type { ChannelName, NotificationKind, NotificationStatus } from './notification-kind.js';
import { NotificationOperations } from './notification-operations.service.js';

/** Selects notifications. */
export interface BulkFilter {
  status: NotificationStatus;
  reason?: string;
  kind?: NotificationKind;
  channel?: ChannelName;
  /** Address of the customer, in any spelling. */
  address?: string;
  /** Name of a segment: only messages of its members. */
  segment?: string;
}

/** The result: how many were changed, and how many were refused by error code. */
export interface BulkReport {
  done: number;
  refused: Record<string, number>;
}

const CHOSEN = `
  select notifications.id from notifications join customers on customers.id = notifications.customer_id
  where notifications.status = $1 and ($2::text is null or notifications.reason = $2)
    and ($3::text is null or notifications.kind = $3) and ($4::text is null or notifications.channel = $4)
    and ($5::text[] is null or lower(customers.email collate "C") = any($5))
    and ($6::text is null or exists (
      select from customer_segments join segments on serving_version_id = any(member_of)
      where segments.name = $6 and customer_segments.customer_id = customers.id))
  order by notifications.id`;

/** Applies an operator's action to many notifications, each in its own transaction and with its own audit entry. */
@Injectable()
export class NotificationBulk {
  constructor(
    private readonly operations: NotificationOperations,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Ids of the selected notifications, oldest first. @throws DomainError segment_not_found */
  async find({ status, reason, kind, channel, address, segment }: BulkFilter): Promise<string[]> {
    await this.assertExists(segment);
    const spellings = address === undefined ? null : spellingsOf(address);
    const values = [status, reason ?? null, kind ?? null, channel ?? null, spellings, segment ?? null];
    const rows: { id: string }[] = await this.dataSource.query(CHOSEN, values);
    return rows.map(({ id }) => id);
  }

  /** Queues each of them from the start of its schedule. */
  async release(filter: BulkFilter): Promise<BulkReport> {
    return this.each(filter, (id) => this.operations.resend(id, false));
  }

  /** Cancels each of them. */
  async cancel(filter: BulkFilter): Promise<BulkReport> {
    return this.each(filter, (id) => this.operations.cancel(id));
  }

  /** A typing error would otherwise select nothing without a word. */
  private async assertExists(segment: string | undefined): Promise<void> {
    if (segment === undefined) return;
    const found: unknown[] = await this.dataSource.query('select from segments where name = $1', [segment]);
    if (found.length === 0) throw new DomainError('segment_not_found', `No segment ${segment}`);
  }

  private async each(filter: BulkFilter, act: (id: string) => Promise<void>): Promise<BulkReport> {
    const report: BulkReport = { done: 0, refused: {} };
    for (const id of await this.find(filter)) {
      try {
        await act(id);
        report.done += 1;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        report.refused[error.code] = (report.refused[error.code] ?? 0) + 1;
      }
    }
    return report;
  }
}
