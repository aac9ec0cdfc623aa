import { Injectable } from '@nestjs/common';
import type { JobPayloads } from '../../events/job-tasks.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { OwnMilestones } from './own-milestones.service.js';

/**
 * Looks for customers that were created or linked at the moment when a milestone of their user was reported: neither
 * transaction saw the other.
 */
@Injectable()
@JobHandler('merge-milestones')
export class MergeMilestonesJob implements JobRun<'merge-milestones'> {
  constructor(private readonly milestones: OwnMilestones) {}

  async run(payloads: readonly JobPayloads['merge-milestones'][]): Promise<void> {
    for (const userId of new Set(payloads.map((payload) => payload.userId)))
      await this.milestones.merge(userId);
  }
}
