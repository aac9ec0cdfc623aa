import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditEntriesController } from './audit-entries.controller.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditListener } from './audit.listener.js';
import { NotificationAuditListener } from './notification-audit.listener.js';
import { PortalAuditListener } from './portal-audit.listener.js';

/** The append-only trail. */
@Module({
  imports: [TypeOrmModule.forFeature([AuditEntry])],
  controllers: [AuditEntriesController],
  providers: [AuditListener, NotificationAuditListener, PortalAuditListener],
  exports: [TypeOrmModule],
})
export class AuditModule {}
