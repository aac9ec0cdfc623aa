import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In, MoreThan } from 'typeorm';
import { digestOfPersonal } from '../personal-values.js';
import { AuditSeal } from './audit-seal.entity.js';
import { digestOf, readEntries, type SealedEntry, toPositionsAndDigests } from './entry-digests.js';
import type { ExportedHead } from './exported-head.js';
import { type ChainEnd, hashOfEntries, hashOfSeal, START } from './seal-hash.js';

/** A fault in the audit trail. */
export interface AuditFinding {
  kind: 'changed' | 'deleted' | 'inserted' | 'seal_changed' | 'seal_missing' | 'rewritten';
  /** The entry or seal, and its fault. */
  text: string;
}

/** The result of a verification. */
export interface AuditVerification {
  seals: number;
  entries: number;
  /** The number of entries whose personal values were erased. */
  erased: number;
  /** The number of entries that wait for the next seal. */
  unsealed: number;
  findings: number;
  head: ChainEnd;
}

/** Each seal contains the digests of up to 10,000 entries. */
const SEALS_PER_PAGE = 10;
const HEADS_PER_PAGE = 1000;

/**
 * Compares entries, seals and exported heads, with constant memory. It only reads, and sealing may continue
 * at the same time.
 */
@Injectable()
export class AuditVerifier {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @param onFinding called for each finding at once */
  async verify(
    heads: AsyncIterable<ExportedHead> | Iterable<ExportedHead>,
    onFinding: (finding: AuditFinding) => void,
  ): Promise<AuditVerification> {
    const run = new VerificationRun(this.dataSource, onFinding);
    await run.verifyChain();
    await run.verifyHeads(heads);
    return run.result;
  }
}

/**
 * Finds empty entries that no erasure lists. Erasures of earlier releases list none; they may have emptied
 * entries about their customer or without a customer.
 */
const EMPTIED = `
  with erasures as materialized (
    select position, customer_id, details -> 'emptied' as emptied from audit_entries
    where action in ('customer.erased', 'user.erased')
  ), listed as materialized (
    select (jsonb_path_query(emptied, 'strict $[*] ? (@.type() == "number")') #>> '{}')::numeric as position
    from erasures where jsonb_typeof(emptied) = 'array'
  )
  select count(*)::int from audit_entries emptied
  where personal is null and personal_digest is not null
    and not exists (select from listed where listed.position = emptied.position)
    and not exists (
      select from erasures where erasures.emptied is null and emptied.position < erasures.position
        and erasures.customer_id = coalesce(emptied.customer_id, erasures.customer_id)
    )`;

/** One run of a verification. */
class VerificationRun {
  readonly result: AuditVerification = {
    seals: 0,
    entries: 0,
    erased: 0,
    unsealed: 0,
    findings: 0,
    head: START,
  };

  constructor(
    private readonly dataSource: DataSource,
    private readonly onFinding: (finding: AuditFinding) => void,
  ) {}

  async verifyChain(): Promise<void> {
    for (;;) {
      const seals = await this.dataSource.manager.find(AuditSeal, {
        where: { id: MoreThan(this.result.head.id) },
        order: { id: 'ASC' },
        take: SEALS_PER_PAGE,
      });
      if (seals.length === 0) break;
      for (const seal of seals) await this.verifySeal(seal);
    }
    await this.verifyRest();
  }

  async verifyHeads(heads: AsyncIterable<ExportedHead> | Iterable<ExportedHead>): Promise<void> {
    let page: ExportedHead[] = [];
    for await (const head of heads) {
      if (page.push(head) < HEADS_PER_PAGE) continue;
      await this.verifyHeadPage(page);
      page = [];
    }
    await this.verifyHeadPage(page);
  }

  private async verifySeal(seal: AuditSeal): Promise<void> {
    const { head } = this.result;
    if (seal.id !== head.id + 1) this.find('seal_missing', `between seal ${head.id} and seal ${seal.id}`);
    const isLinked = seal.previousHash === head.hash && seal.firstPosition === head.lastPosition + 1;
    if (!isLinked) this.find('seal_changed', `seal ${seal.id} does not follow the one before it`);
    if (hashOfSeal(seal) !== seal.hash || hashOfEntries(seal.entryDigests) !== seal.entriesHash) {
      this.find('seal_changed', `seal ${seal.id} does not match its own hash`);
    }
    await this.verifyEntries(seal);
    this.result.seals += 1;
    this.result.head = { id: seal.id, lastPosition: seal.lastPosition, hash: seal.hash };
  }

  /** Compares the sealed digests with the existing entries, both in the order of positions. */
  private async verifyEntries({ id, firstPosition, lastPosition, entryDigests }: AuditSeal): Promise<void> {
    const records = toPositionsAndDigests(entryDigests);
    let sealed = records.next();
    const skipTo = (position: number) => {
      for (; !sealed.done && sealed.value.position < position; sealed = records.next()) {
        this.find('deleted', `entry at position ${sealed.value.position} (seal ${id})`);
      }
    };
    for await (const entry of readEntries(this.dataSource.manager, firstPosition, lastPosition)) {
      skipTo(entry.position);
      this.result.entries += 1;
      if (sealed.done || sealed.value.position !== entry.position) {
        this.find('inserted', `${nameOf(entry)} into seal ${id}`);
        continue;
      }
      this.verifyEntry(entry, sealed.value.digest, id);
      sealed = records.next();
    }
    skipTo(Infinity);
  }

  private verifyEntry(entry: SealedEntry, digest: Buffer, seal: number): void {
    const { personal, personalSalt, personalDigest } = entry;
    if (Buffer.compare(digestOf(entry), digest) !== 0) {
      return this.find('changed', `${nameOf(entry)} (seal ${seal})`);
    }
    if (personalDigest !== null && personal === null) this.result.erased += 1;
    else if (personal !== null && digestOfPersonal(personalSalt ?? '', personal) !== personalDigest) {
      this.find('changed', `personal values of ${nameOf(entry)} (seal ${seal})`);
    }
  }

  /**
   * Checks the entries after the last seal. There can be none at positions that the sequence has not
   * assigned.
   */
  private async verifyRest(): Promise<void> {
    const [{ misplaced, after }] = await this.dataSource.query(
      `select (select count(*)::int from audit_entries
          where position is null or position < 1 or position > (select last_value from audit_entries_position_seq))
          as misplaced,
        (select count(*)::int from audit_entries where position > $1) as after`,
      [this.result.head.lastPosition],
    );
    if (misplaced > 0) this.find('inserted', `${misplaced} entries at positions that were never given`);
    const [{ count }] = await this.dataSource.query(EMPTIED);
    if (count > 0)
      this.find('changed', `${count} entries lack the personal values of people who were not erased`);
    this.result.unsealed = after;
  }

  private async verifyHeadPage(heads: readonly ExportedHead[]): Promise<void> {
    const seals = await this.dataSource.manager.find(AuditSeal, {
      select: { id: true, hash: true },
      where: { id: In(heads.map(({ seal }) => seal)) },
    });
    const hashes = new Map(seals.map(({ id, hash }) => [id, hash]));
    for (const { seal, hash } of heads) {
      const found = hashes.get(seal);
      if (found === undefined) this.find('rewritten', `seal ${seal} was exported and is missing`);
      else if (found !== hash) this.find('rewritten', `seal ${seal} is not the one that was exported`);
    }
  }

  private find(kind: AuditFinding['kind'], text: string): void {
    this.result.findings += 1;
    this.onFinding({ kind, text });
  }
}

function nameOf({ id, position, content }: SealedEntry): string {
  return `entry ${id} at position ${position}, ${String(content.action)} of ${String(content.object_id)}`;
}
