import { Injectable } from '@nestjs/common';
import type { JobPayloads } from '../../events/job-tasks.js';
import { type JobContext, JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { DeliveryService } from './delivery.service.js';

/**
 * Delivers a handful of notifications. Failed attempts are no failures of this job: each notification
 * then has a job of its own for its next attempt. A repeated run skips what has ended.
 */
@Injectable()
@JobHandler('deliver-notification')
export class DeliverNotificationJob implements JobRun<'deliver-notification'> {
  constructor(private readonly deliveries: DeliveryService) {}

  async run(
    payloads: readonly JobPayloads['deliver-notification'][],
    { assertHeld }: JobContext,
  ): Promise<void> {
    await this.deliveries.deliver(
      payloads.map(({ notificationId }) => notificationId),
      assertHeld,
    );
  }
}
