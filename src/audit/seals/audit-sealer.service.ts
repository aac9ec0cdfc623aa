import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import { AuditSeal } from './audit-seal.entity.js';
import { readEntries, toRecord } from './entry-digests.js';
import { type ChainEnd, hashOfEntries, hashOfSeal, START } from './seal-hash.js';

/** A seal keeps 40 bytes of each entry, so this number limits the memory for reading a seal. */
const ENTRIES_PER_SEAL = 10_000;
const WRITERS_POLL_MS = 50;
const WRITERS_WAIT_MS = 10_000;
/** An arbitrary number, the same in all instances of the service. */
const ADVISORY_LOCK = 7_301_501_105;

/** Seals the entries written since the last seal, outside of the transactions that write entries. */
@Injectable()
export class AuditSealer {
  private readonly logger = new Logger('audit');

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @returns the new ends of the chain, oldest first; none while another process seals */
  async seal(): Promise<ChainEnd[]> {
    const settled = await this.settledPosition();
    if (settled === null) return [];
    const heads: ChainEnd[] = [];
    for (;;) {
      const seal = await inTransaction(this.dataSource, (manager) => sealNext(manager, settled));
      if (!seal) break;
      const { id, lastPosition, hash, entryCount } = seal;
      this.logger.log({ event: 'audit head exported', seal: id, hash, entries: entryCount });
      heads.push({ id, lastPosition, hash });
    }
    return heads;
  }

  /**
   * The position up to which no entry can appear any more. Positions are assigned in one order and committed
   * in another, so all transactions that wrote when the last one was assigned must have ended. An insert
   * locks the table before it gets a position, and releases the lock after its commit is visible.
   */
  private async settledPosition(): Promise<number | null> {
    const { manager } = this.dataSource;
    const [{ position }] = await manager.query(LAST_POSITION);
    const [{ writers }] = await manager.query(WRITERS);
    const deadline = Date.now() + WRITERS_WAIT_MS;
    for (let left = writers.length; left > 0;) {
      if (Date.now() > deadline) {
        this.logger.warn({ event: 'audit sealing postponed', writers: left });
        return null;
      }
      await sleep(WRITERS_POLL_MS);
      [{ left }] = await manager.query(WRITERS_LEFT, [writers]);
    }
    return Number(position);
  }
}

async function sealNext(manager: EntityManager, settled: number): Promise<AuditSeal | null> {
  const [{ locked }] = await manager.query('select pg_try_advisory_xact_lock($1) as locked', [ADVISORY_LOCK]);
  if (!locked) return null;
  const previous = await findHead(manager);
  const firstPosition = previous.lastPosition + 1;
  const records: Buffer[] = [];
  let lastPosition = settled;
  for await (const entry of readEntries(manager, firstPosition, settled)) {
    records.push(toRecord(entry));
    if (records.length < ENTRIES_PER_SEAL) continue;
    lastPosition = entry.position;
    break;
  }
  if (records.length === 0) return null;
  const entryDigests = Buffer.concat(records);
  const unsigned = {
    id: previous.id + 1,
    firstPosition,
    lastPosition,
    entryCount: records.length,
    entriesHash: hashOfEntries(entryDigests),
    previousHash: previous.hash,
    sealedAt: new Date(),
  };
  const seal = { ...unsigned, entryDigests, hash: hashOfSeal(unsigned) };
  await manager.insert(AuditSeal, seal);
  return seal;
}

/** The newest seal. */
export async function findHead(manager: EntityManager): Promise<ChainEnd> {
  const select = { id: true, lastPosition: true, hash: true } as const;
  const [head] = await manager.find(AuditSeal, { select, order: { id: 'DESC' }, take: 1 });
  return head ?? START;
}

const LAST_POSITION = `
  select case when is_called then last_value else 0 end as position from audit_entries_position_seq`;

const HOLDING = `
  from pg_locks
  where locktype = 'relation' and mode = 'RowExclusiveLock' and relation = 'audit_entries'::regclass
    and database = (select oid from pg_database where datname = current_database())`;

const WRITERS = `select coalesce(array_agg(distinct virtualtransaction), '{}') as writers ${HOLDING}`;
const WRITERS_LEFT = `
  select count(distinct virtualtransaction)::int as left ${HOLDING} and virtualtransaction = any($1)`;
