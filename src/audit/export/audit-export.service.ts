import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { stringify } from 'csv-stringify/sync';
import { MoreThan, Repository } from 'typeorm';
import { withConnection } from '../../platform/database/pg-client.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { AuditEntry } from '../audit-entry.entity.js';
import { entriesWith } from '../audit-filter.js';
import { doneBy } from '../entry-origin.js';
import type { AuditExportQuery } from './audit-export.dto.js';

/** The number of entries in memory at a time. */
const PAGE = 1000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Writes entries as text, oldest first, with constant memory for any number of entries. */
@Injectable()
export class AuditExport {
  constructor(
    private readonly writer: UnitOfWorkWriter,
    @InjectRepository(AuditEntry) private readonly entries: Repository<AuditEntry>,
  ) {}

  /**
   * Records the export before its first line is sent. If the database fails during the export, the stream
   * breaks off, so the receiver sees that the answer is not complete.
   */
  async export(query: AuditExportQuery): Promise<Readable> {
    await this.record(query);
    return Readable.from(this.write(query), { highWaterMark: 1 });
  }

  private record({ customerId, ...filter }: AuditExportQuery): Promise<unknown> {
    const unit = new UnitOfWork();
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId: customerId ?? null,
      action: 'audit_entries.exported',
      objectType: 'table',
      objectId: 'audit_entries',
      details: { ...filter },
    });
    return withConnection(this.entries.manager.connection, (manager) => this.writer.commit(manager, [unit]));
  }

  private async *write(query: AuditExportQuery): AsyncGenerator<string> {
    let header = true;
    for await (const page of this.readPages(query)) {
      yield query.format === 'csv' ? this.toCsv(page, header) : page.map(toLine).join('');
      header = false;
    }
  }

  /** Reads the pages; there is at least one, which may be empty. */
  private async *readPages(query: AuditExportQuery) {
    let after = FIRST_ID;
    for (;;) {
      const page = await this.entries.find({
        where: entriesWith(query, MoreThan(after)),
        order: { id: 'ASC' },
        take: PAGE,
      });
      yield page;
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.id;
    }
  }

  /** Writes CSV. A cell that a spreadsheet would take for a formula is escaped. */
  private toCsv(page: readonly AuditEntry[], header: boolean): string {
    return stringify([...page], {
      header,
      columns: this.entries.metadata.columns.map(({ propertyName }) => propertyName),
      escape_formulas: true,
      cast: { date: (date) => date.toISOString() },
    });
  }
}

function toLine(entry: AuditEntry): string {
  return `${JSON.stringify(entry)}\n`;
}
