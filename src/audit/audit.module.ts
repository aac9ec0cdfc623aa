import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditEntriesController } from './audit-entries.controller.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditListener } from './audit.listener.js';
import { ErasureAuditListener } from './erasure-audit.listener.js';
import { AuditExportController } from './export/audit-export.controller.js';
import { AuditExport } from './export/audit-export.service.js';
import { AuditHeads } from './seals/audit-heads.service.js';
import { AuditSealer } from './seals/audit-sealer.service.js';
import { AuditVerifier } from './seals/audit-verifier.service.js';
import { SealAuditJob } from './seals/seal-audit.job.js';
import { TimelineController } from './timeline/timeline.controller.js';
import { Timeline } from './timeline/timeline.service.js';

/** The append-only audit trail. */
@Module({
  imports: [TypeOrmModule.forFeature([AuditEntry])],
  controllers: [AuditEntriesController, AuditExportController, TimelineController],
  providers: [
    AuditListener,
    ErasureAuditListener,
    AuditHeads,
    AuditSealer,
    AuditVerifier,
    SealAuditJob,
    AuditExport,
    Timeline,
  ],
  exports: [TypeOrmModule],
})
export class AuditModule {}
