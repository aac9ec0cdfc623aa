import { Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, Repository } from 'typeorm';
import { AdminController } from '../platform/access/admin-controller.decorator.js';
import { findPage } from '../platform/http/page.dto.js';
import { AuditEntriesQuery, AuditEntryPageDto } from './audit-entry.dto.js';
import { entriesWith } from './audit-filter.js';
import { AuditEntry } from './audit-entry.entity.js';

@AdminController('audit-entries')
export class AuditEntriesController {
  constructor(@InjectRepository(AuditEntry) private readonly entries: Repository<AuditEntry>) {}

  @Get()
  @ApiOperation({ summary: 'List audit entries, newest first' })
  @ApiOkResponse({ description: 'A page of entries', type: AuditEntryPageDto })
  list(@Query() query: AuditEntriesQuery): Promise<AuditEntryPageDto> {
    return findPage(
      this.entries,
      query,
      entriesWith(query, query.cursor ? LessThan(query.cursor) : undefined),
    );
  }
}
