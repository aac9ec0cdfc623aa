import { IsIn, IsOptional } from 'class-validator';
import { AuditEntriesQuery } from '../audit-entry.dto.js';
import { OmitType } from '@nestjs/swagger';

/** The filter and the format of an export. */
export class AuditExportQuery extends OmitType(AuditEntriesQuery, ['limit', 'cursor'] as const) {
  /** `ndjson`: one JSON object per line. `csv`: with a header line; no cell is a formula. */
  @IsOptional()
  @IsIn(['ndjson', 'csv'])
  format: 'ndjson' | 'csv' = 'ndjson';
}
