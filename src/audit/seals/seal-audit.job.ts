import { Injectable } from '@nestjs/common';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import { AuditHeads } from './audit-heads.service.js';
import { AuditSealer } from './audit-sealer.service.js';

/** Seals the new entries once a minute and exports the hash of the seal from the database. */
@Injectable()
@JobHandler('seal-audit')
export class SealAuditJob implements ScheduledJob {
  readonly schedule = { cron: '* * * * *' };
  constructor(
    private readonly sealer: AuditSealer,
    private readonly heads: AuditHeads,
  ) {}

  async run(): Promise<void> {
    await this.sealer.seal();
    await this.heads.export();
  }
}
