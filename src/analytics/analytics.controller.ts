import { Get, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { IsDateString, IsOptional } from 'class-validator';
import { Between, Repository } from 'typeorm';
import { AdminController } from '../platform/http/admin-controller.decorator.js';
import { AnalyticsDailyRollup } from './analytics-daily-rollup.entity.js';

const DAYS_BY_DEFAULT = 30;
const DAY_MS = 86_400_000;

export class DailyRollupsQuery {
  /** First day (YYYY-MM-DD, UTC); 30 days ago if missing. */
  @IsOptional()
  @IsDateString({ strict: true })
  from?: string;

  /** Last day (YYYY-MM-DD, UTC); today if missing. */
  @IsOptional()
  @IsDateString({ strict: true })
  to?: string;
}

/** How many events of one name and source happened on a day. */
export class DailyRollupDto {
  /** UTC day. */
  day: string;
  /** Event, e.g. `customer_created`. */
  name: string;
  /** Acquisition source. */
  source: string;
  count: number;
}

@AdminController('analytics')
export class AnalyticsController {
  constructor(
    @InjectRepository(AnalyticsDailyRollup) private readonly rollups: Repository<AnalyticsDailyRollup>,
  ) {}

  @Get('daily')
  @ApiOperation({ summary: 'Customer creations by day and acquisition source' })
  list(@Query() { from, to }: DailyRollupsQuery): Promise<DailyRollupDto[]> {
    const first = from ?? new Date(Date.now() - DAYS_BY_DEFAULT * DAY_MS).toISOString();
    const last = to ?? new Date().toISOString();
    return this.rollups.find({
      where: { day: Between(first.slice(0, 10), last.slice(0, 10)) },
      order: { day: 'ASC', source: 'ASC' },
    });
  }
}
