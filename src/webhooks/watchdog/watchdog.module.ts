import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { StripeModule } from '../../platform/stripe/stripe.module.js';
import { DecisionModule } from '../decision/decision.module.js';
import { EndpointCheck } from './endpoint.check.js';
import { NewestEventCheck } from './newest-event.check.js';
import { RunWatchdogJob, WATCHDOG_CHECKS } from './run-watchdog.job.js';
import { SecretInUseCheck } from './secret-in-use.check.js';
import { SilenceCheck } from './silence.check.js';
import { WatchdogFinding } from './watchdog-finding.entity.js';

const CHECKS = [EndpointCheck, NewestEventCheck, SilenceCheck, SecretInUseCheck];

/** Checks whether events arrive, independently of their handlers. */
@Module({
  imports: [StripeModule, DecisionModule, TypeOrmModule.forFeature([WatchdogFinding])],
  providers: [
    ...CHECKS,
    { provide: WATCHDOG_CHECKS, useFactory: (...checks: unknown[]) => checks, inject: CHECKS },
    RunWatchdogJob,
  ],
})
export class WatchdogModule {}
