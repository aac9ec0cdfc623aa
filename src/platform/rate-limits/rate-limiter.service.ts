import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

/** Allowances per hour that hold across all processes: they are counted in the database. */
@Injectable()
export class RateLimiter {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Counts one more, and tells whether it is within the allowance of the current hour. */
  async allows(subject: string, perHour: number): Promise<boolean> {
    const digest = createHash('sha256').update(subject).digest('base64url');
    const [row] = await this.dataSource.query<{ count: number }[]>(COUNT, [digest]);
    return (row?.count ?? 0) <= perHour;
  }
}

const COUNT = `
  insert into request_counts (subject, hour, count) values ($1, date_trunc('hour', now(), 'UTC'), 1)
  on conflict (subject, hour) do update set count = request_counts.count + 1
  returning count`;
