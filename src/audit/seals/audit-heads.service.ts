import { appendFile, open } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, MoreThan } from 'typeorm';
import { AuditSettings } from '../audit.settings.js';
import { AuditSeal } from './audit-seal.entity.js';
import { type ExportedHead, toHead } from './exported-head.js';

const HEADS_PER_PAGE = 1000;
/** Enough for many lines. */
const TAIL_BYTES = 4096;

/**
 * Appends the hash of each seal to `AUDIT_HEADS_FILE`. The file itself shows the last exported seal, so a
 * file that is behind catches up on any machine.
 */
@Injectable()
export class AuditHeads {
  constructor(
    private readonly settings: AuditSettings,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws if the end of the file is not part of the chain */
  async export(): Promise<void> {
    const { headsFile } = this.settings;
    if (!headsFile) return;
    const tail = await readTail(headsFile);
    const last = tail
      .split('\n')
      .map(toHead)
      .findLast((head) => head !== null);
    if (last) await this.assertInChain(last);
    let after = last?.seal ?? 0;
    let separator = tail === '' || tail.endsWith('\n') ? '' : '\n';
    for (;;) {
      const seals = await this.sealsAfter(after);
      if (seals.length === 0) return;
      await appendFile(headsFile, separator + seals.map(toLine).join(''));
      after = seals.at(-1)?.id ?? after;
      separator = '';
    }
  }

  private async assertInChain({ seal, hash }: ExportedHead): Promise<void> {
    const found = await this.dataSource.manager.findOne(AuditSeal, {
      select: { hash: true },
      where: { id: seal },
    });
    if (found?.hash !== hash) {
      throw new Error(`The audit's chain has been rewritten: seal ${seal} is not the one that was exported`);
    }
  }

  private sealsAfter(id: number): Promise<AuditSeal[]> {
    return this.dataSource.manager.find(AuditSeal, {
      select: { id: true, hash: true, sealedAt: true },
      where: { id: MoreThan(id) },
      order: { id: 'ASC' },
      take: HEADS_PER_PAGE,
    });
  }
}

function toLine({ id, hash, sealedAt }: AuditSeal): string {
  return `${sealedAt.toISOString()} ${id}:${hash}\n`;
}

/** The end of a file; empty if there is no such file. */
async function readTail(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}
