import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { Between, Repository } from 'typeorm';
import { AdminController } from '../platform/access/admin-controller.decorator.js';
import { DailyRollupDto, DailyRollupsQuery } from './analytics.dto.js';
import { AnalyticsDailyRollup } from './analytics-daily-rollup.entity.js';

const DAYS_BY_DEFAULT = 30;
const DAY_MS = 86_400_000;

@AdminController('analytics')
export class AnalyticsController {
  constructor(
    @InjectRepository(AnalyticsDailyRollup) private readonly rollups: Repository<AnalyticsDailyRollup>,
  ) {}

  @Get('daily')
  @ApiOperation({
    summary:
      'Trends of first-party events by acquisition source, such as creations of customers and payments',
    description:
      'The same as a question of the kind `trends` by day (UTC) and source, but counted when events are recorded, so that it also covers events that were purged.',
  })
  @ApiOkResponse({ description: 'One entry per day, name and source, oldest first', type: [DailyRollupDto] })
  list(@Query() { from, to }: DailyRollupsQuery): Promise<DailyRollupDto[]> {
    const first = from ?? new Date(Date.now() - DAYS_BY_DEFAULT * DAY_MS).toISOString();
    const last = to ?? new Date().toISOString();
    return this.rollups.find({
      where: { day: Between(first.slice(0, 10), last.slice(0, 10)) },
      order: { day: 'ASC', name: 'ASC', source: 'ASC' },
    });
  }
}
