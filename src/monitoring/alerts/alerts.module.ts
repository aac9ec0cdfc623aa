import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NotificationsModule } from '../../notifications/notifications.module.js';
import { ServiceStateReader } from '../state/service-state-reader.service.js';
import { WatchdogFindings } from '../watchdog-findings.service.js';
import { AlertChange } from './alert-change.entity.js';
import { AlertsController } from './admin/alerts.controller.js';
import { AlertsService } from './admin/alerts.service.js';
import { AlertEvaluator } from './evaluation/alert-evaluator.service.js';
import { DiskReadings } from '../storage/disk-readings.service.js';
import { StorageReader } from '../storage/storage-reader.service.js';
import { AlertMeasures } from './measures/alert-measures.service.js';
import { DiskMeasure } from './measures/disk-measure.service.js';
import { AlertNotices } from './routes/alert-notices.service.js';
import { Installation } from './routes/installation.js';
import { MendedFailuresListener } from './signals/mended-failures.listener.js';
import { SignalRecorder } from './signals/signal-recorder.service.js';

/** Alerts: their values, evaluation, notices and administration. */
@Module({
  imports: [
    TerminusModule.forRoot({ logger: false }),
    TypeOrmModule.forFeature([AlertChange]),
    NotificationsModule,
  ],
  controllers: [AlertsController],
  providers: [
    SignalRecorder,
    MendedFailuresListener,
    ServiceStateReader,
    WatchdogFindings,
    DiskReadings,
    StorageReader,
    DiskMeasure,
    AlertMeasures,
    AlertEvaluator,
    Installation,
    AlertNotices,
    AlertsService,
  ],
  exports: [ServiceStateReader, StorageReader, WatchdogFindings],
})
export class AlertsModule {}
