import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnalyticsDailyRollup } from './analytics-daily-rollup.entity.js';
import { AnalyticsEvent } from './analytics-event.entity.js';
import { AnalyticsController } from './analytics.controller.js';
import { AnalyticsRecorder } from './analytics-recorder.service.js';
import { BillingAnalyticsListener } from './billing-analytics.listener.js';
import { TrackBillingJob } from './track-billing.job.js';
import { AnalyticsListener } from './analytics.listener.js';
import { ForwardAnalyticsJob } from './forward-analytics.job.js';
import { QuestionsModule } from './questions/questions.module.js';
import { TrackCustomerCreatedJob } from './track-customer-created.job.js';

/** Records and counts events about customers, in background jobs. */
@Module({
  imports: [TypeOrmModule.forFeature([AnalyticsEvent, AnalyticsDailyRollup]), QuestionsModule],
  controllers: [AnalyticsController],
  providers: [
    AnalyticsListener,
    BillingAnalyticsListener,
    AnalyticsRecorder,
    TrackCustomerCreatedJob,
    TrackBillingJob,
    ForwardAnalyticsJob,
  ],
})
export class AnalyticsModule {}
