import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { countRequest, recentCounts, subjectOf } from './request-counts.queries.js';

/** How often something may be done. */
export interface Allowance {
  perHour: number;
  /** Within 24 hours; what was refused for the hour is not counted. */
  perDay?: number;
}

/** Allowances that hold across all processes: they are counted in the database. */
@Injectable()
export class RateLimiter {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Counts one more, and tells whether it is within the allowance. */
  async allows(subject: string, { perHour, perDay }: Allowance): Promise<boolean> {
    const { manager } = this.dataSource;
    const counted = subjectOf(subject);
    const count = await countRequest(manager, counted);
    if (count > perHour || perDay === undefined) return count <= perHour;
    const hours = await recentCounts(manager, [counted]);
    return hours.reduce((sum, hour) => sum + Math.min(hour.count, perHour), 0) <= perDay;
  }
}
