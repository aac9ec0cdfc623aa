import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnalyticsDailyRollup } from './analytics-daily-rollup.entity.js';
import { AnalyticsEvent } from './analytics-event.entity.js';
import { AnalyticsController } from './analytics.controller.js';
import { AnalyticsListener } from './analytics.listener.js';
import { ForwardAnalyticsJob } from './forward-analytics.job.js';
import { TrackCustomerCreatedJob } from './track-customer-created.job.js';

/** What happened, counted; by jobs only. */
@Module({
  imports: [TypeOrmModule.forFeature([AnalyticsEvent, AnalyticsDailyRollup])],
  controllers: [AnalyticsController],
  providers: [AnalyticsListener, TrackCustomerCreatedJob, ForwardAnalyticsJob],
})
export class AnalyticsModule {}
