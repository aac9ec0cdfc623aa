import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NotificationsModule } from '../../notifications/notifications.module.js';
import { ServiceStateReader } from '../service-state-reader.service.js';
import { WatchdogFindings } from '../watchdog-findings.service.js';
import { AlertChange } from './alert-change.entity.js';
import { AlertsController } from './alerts.controller.js';
import { AlertsService } from './alerts.service.js';
import { AlertEvaluator } from './evaluation/alert-evaluator.service.js';
import { AlertMeasures } from './measures/alert-measures.service.js';
import { AlertNotices } from './routes/alert-notices.service.js';
import { SignalRecorder } from './signals/signal-recorder.service.js';

/** What people must know of: measured, evaluated, told, operated. */
@Module({
  imports: [
    TerminusModule.forRoot({ logger: false }),
    TypeOrmModule.forFeature([AlertChange]),
    NotificationsModule,
  ],
  controllers: [AlertsController],
  providers: [
    SignalRecorder,
    ServiceStateReader,
    WatchdogFindings,
    AlertMeasures,
    AlertEvaluator,
    AlertNotices,
    AlertsService,
  ],
  exports: [ServiceStateReader, WatchdogFindings],
})
export class AlertsModule {}
