import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { stringify } from 'csv-stringify/sync';
import { And, type FindOptionsWhere, LessThan, MoreThan, MoreThanOrEqual, Repository } from 'typeorm';
import { AuditEntry } from '../audit-entry.entity.js';
import type { AuditExportQuery } from './audit-export.dto.js';

/** So many entries are in memory at a time. */
const PAGE = 1000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Writes entries as text, oldest first, in flat memory however many there are. */
@Injectable()
export class AuditExport {
  constructor(@InjectRepository(AuditEntry) private readonly entries: Repository<AuditEntry>) {}

  /** Breaks off when the database fails meanwhile: the receiver sees that the answer is not complete. */
  stream(query: AuditExportQuery): Readable {
    return Readable.from(this.write(query), { highWaterMark: 1 });
  }

  private async *write(query: AuditExportQuery): AsyncGenerator<string> {
    let header = true;
    for await (const page of this.readPages(query)) {
      yield query.format === 'csv' ? this.toCsv(page, header) : page.map(toLine).join('');
      header = false;
    }
  }

  /** At least one page, be it empty. */
  private async *readPages({ customerId, objectId, since, until }: AuditExportQuery) {
    const times = [...(since ? [MoreThanOrEqual(since)] : []), ...(until ? [LessThan(until)] : [])];
    const where: FindOptionsWhere<AuditEntry> = {
      ...(customerId ? { customerId } : {}),
      ...(objectId ? { objectId } : {}),
      ...(times.length > 0 ? { occurredAt: And(...times) } : {}),
    };
    let after = FIRST_ID;
    for (;;) {
      const page = await this.entries.find({
        where: { ...where, id: MoreThan(after) },
        order: { id: 'ASC' },
        take: PAGE,
      });
      yield page;
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.id;
    }
  }

  /** A cell that a spreadsheet would take for a formula is escaped. */
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
