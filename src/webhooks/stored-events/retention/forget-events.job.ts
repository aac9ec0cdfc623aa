import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { JobPayloads } from '../../../events/job-tasks.js';
import { JobHandler, type JobRun } from '../../../platform/jobs/job-handler.js';
import { PERSON_ERASED } from '../../decision/event-decision.js';
import { FORGET_EVENTS, FORGET_UNKNOWN } from './forget-events.queries.js';

/** Erases the data of events that were decided during the erasure of their person and stored after it. */
@Injectable()
@JobHandler('forget-events')
export class ForgetEventsJob implements JobRun<'forget-events'> {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async run(payloads: readonly JobPayloads['forget-events'][]): Promise<void> {
    for (const { stripeCustomerId, isKnown } of payloads) {
      const person = isKnown ? { stripeCustomerId } : { stripeCustomerId, ...PERSON_ERASED };
      await this.dataSource.query(isKnown ? FORGET_EVENTS : FORGET_UNKNOWN, [JSON.stringify([person])]);
    }
  }
}
