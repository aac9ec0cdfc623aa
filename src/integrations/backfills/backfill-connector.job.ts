import { Injectable } from '@nestjs/common';
import type { JobPayloads } from '../../events/job-tasks.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { ConnectorBackfills } from './connector-backfills.service.js';

/** Queues a backfill page by page. A repeated run goes on where the last one ended. */
@Injectable()
@JobHandler('backfill-connector')
export class BackfillConnectorJob implements JobRun<'backfill-connector'> {
  constructor(private readonly backfills: ConnectorBackfills) {}

  async run(payloads: readonly JobPayloads['backfill-connector'][]): Promise<void> {
    for (const { backfillId } of payloads) while (await this.backfills.queuePage(backfillId));
  }
}
