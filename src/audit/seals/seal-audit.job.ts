import { Injectable } from '@nestjs/common';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { AuditHeads } from './audit-heads.service.js';
import { AuditSealer } from './audit-sealer.service.js';

/** Once a minute: what was written meanwhile becomes a seal, and its hash leaves the database. */
@Injectable()
@JobHandler('seal-audit')
export class SealAuditJob implements JobRun<'seal-audit'> {
  constructor(
    private readonly sealer: AuditSealer,
    private readonly heads: AuditHeads,
  ) {}

  async run(): Promise<void> {
    await this.sealer.seal();
    await this.heads.export();
  }
}
