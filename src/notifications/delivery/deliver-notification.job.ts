import { Injectable } from '@nestjs/common';
import type { JobPayloads } from '../../events/job-tasks.js';
import { type JobContext, JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { DeliveryService } from './delivery.service.js';

/**
 * Delivers several notifications. A failed attempt does not fail the job: each notification has its own job
 * for its next attempt. A repeated run skips notifications that have ended.
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
