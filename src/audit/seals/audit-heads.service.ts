import { appendFile, open } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, MoreThan } from 'typeorm';
import { AppConfig } from '../../platform/config/app-config.js';
import { AuditSeal } from './audit-seal.entity.js';
import { type ExportedHead, toHead } from './exported-head.js';

const HEADS_PER_PAGE = 1000;
/** Holds many lines. */
const TAIL_BYTES = 4096;

/**
 * Appends the hash of each seal to `AUDIT_HEADS_FILE`. Where it stands the file itself tells: one that is
 * behind, on whichever machine, catches up.
 */
@Injectable()
export class AuditHeads {
  constructor(
    private readonly config: AppConfig,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws when the chain is not the one of which the file has the end */
  async export(): Promise<void> {
    const { headsFile } = this.config.audit;
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

/** The end of a file; empty when there is no such file. */
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
