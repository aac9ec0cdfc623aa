import { Type } from 'class-transformer';
import { IsDate, IsIn, IsOptional } from 'class-validator';
import { AuditEntriesQuery } from '../audit-entry.dto.js';
import { PickType } from '@nestjs/swagger';

/** Which entries are exported, and how. */
export class AuditExportQuery extends PickType(AuditEntriesQuery, ['customerId', 'objectId'] as const) {
  /** `ndjson`: a JSON object a line. `csv`: with a line of names; no cell is a formula. */
  @IsOptional()
  @IsIn(['ndjson', 'csv'])
  format: 'ndjson' | 'csv' = 'ndjson';

  /** Only entries from this time on. */
  @IsOptional()
  @IsDate()
  @Type(() => Date)
  since?: Date;

  /** Only entries before this time. */
  @IsOptional()
  @IsDate()
  @Type(() => Date)
  until?: Date;
}
