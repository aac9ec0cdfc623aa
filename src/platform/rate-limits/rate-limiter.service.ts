import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { countRequest, subjectOf } from './request-counts.queries.js';

/** Allowances per hour that hold across all processes: they are counted in the database. */
@Injectable()
export class RateLimiter {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Counts one more, and tells whether it is within the allowance of the current hour. */
  async allows(subject: string, perHour: number): Promise<boolean> {
    const count = await countRequest(this.dataSource.manager, subjectOf(subject));
    return count <= perHour;
  }
}
