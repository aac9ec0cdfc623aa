import { Injectable, Logger } from '@nestjs/common';
import type { JobPayloads } from '../../events/job-tasks.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { DeliveryBulk } from './delivery-bulk.service.js';

/** Resends or cancels many deliveries. A repeated run changes those that are left. */
@Injectable()
@JobHandler('change-deliveries')
export class ChangeDeliveriesJob implements JobRun<'change-deliveries'> {
  private readonly logger = new Logger('connectors');

  constructor(private readonly bulk: DeliveryBulk) {}

  async run(payloads: readonly JobPayloads['change-deliveries'][]): Promise<void> {
    for (const payload of payloads) {
      const changed = await this.bulk.finish(payload);
      this.logger.log({ event: 'deliveries changed', act: payload.act, changed });
    }
  }
}
