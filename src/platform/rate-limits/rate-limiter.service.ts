import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { countRequest, recentCounts, subjectOf } from './request-counts.queries.js';

/** The limits of an action. */
export interface Allowance {
  perHour: number;
  /** The limit within 24 hours. Requests refused by the hourly limit do not count. */
  perDay?: number;
}

/** Checks limits across all processes; the counts are in the database. */
@Injectable()
export class RateLimiter {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Counts one more action and returns whether it is within the limits. */
  async allows(subject: string, { perHour, perDay }: Allowance): Promise<boolean> {
    const { manager } = this.dataSource;
    const counted = subjectOf(subject);
    const count = await countRequest(manager, counted);
    if (count > perHour || perDay === undefined) return count <= perHour;
    const hours = await recentCounts(manager, [counted]);
    return hours.reduce((sum, hour) => sum + Math.min(hour.count, perHour), 0) <= perDay;
  }
}
