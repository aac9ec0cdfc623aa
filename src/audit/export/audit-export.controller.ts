import { Get, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { AuditExportQuery } from './audit-export.dto.js';
import { AuditExport } from './audit-export.service.js';

const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' };

@AdminController('audit-entries')
export class AuditExportController {
  constructor(private readonly entries: AuditExport) {}

  @Get('export')
  @ApiOperation({
    summary:
      'All audit entries that match, oldest first, as a stream of lines; the audit records the export too',
  })
  @ApiProduces('application/x-ndjson', 'text/csv')
  @ApiOkResponse({ description: 'The entries', schema: { type: 'string' } })
  async export(@Query() query: AuditExportQuery): Promise<StreamableFile> {
    const disposition = `attachment; filename="audit-entries.${query.format}"`;
    return new StreamableFile(await this.entries.export(query), { type: TYPES[query.format], disposition });
  }
}
