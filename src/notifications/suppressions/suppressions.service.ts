import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { AddressSuppressionChanged } from '../../events/notification-facts.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { findPage, type Page } from '../../platform/http/page.dto.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { normaliseAddress } from '../../platform/mail-address.js';
import { AddressFailure } from './address-failure.entity.js';
import type { AddSuppressionDto, SuppressionsQuery } from './suppression.dto.js';
import { SUPPRESSED_AMONG, Suppression } from './suppression.entity.js';
import { Facts } from '../../platform/facts/facts.service.js';

const DAY_MS = 86_400_000;
/** A mailbox that did not exist may be created later, so a hard bounce ends. A complaint has no end. */
const HARD_BOUNCE_DAYS = 180;

/** Lists, adds and removes addresses that get no mail. */
@Injectable()
export class SuppressionsService {
  constructor(
    private readonly writer: UnitOfWorkWriter,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  list(query: SuppressionsQuery): Promise<Page<Suppression>> {
    const { address, reason } = query;
    return findPage(this.dataSource.getRepository(Suppression), query, {
      ...(address ? { address: normaliseAddress(address) } : {}),
      ...(reason ? { reason } : {}),
    });
  }

  /** Adds an address for an operator. If it is suppressed already, the answer is the stored suppression. */
  addManually({ address, expiresAt }: AddSuppressionDto): Promise<Suppression> {
    return inTransaction(this.dataSource, async (manager) => {
      const unit = new UnitOfWork();
      const manual = { reason: 'manual', source: 'admin_api', expiresAt: expiresAt ?? null } as const;
      const suppression = await this.add(manager, { ...manual, address }, null, unit);
      await this.writer.write(manager, [unit]);
      return suppression;
    });
  }

  /**
   * Adds an address after a bounce or complaint.
   * @param cause the message that bounced or was reported
   */
  addBecause(
    manager: EntityManager,
    {
      address,
      reason,
      source,
    }: Pick<Suppression, 'address' | 'source'> & { reason: 'hard_bounce' | 'complaint' },
    cause: NonNullable<AddressSuppressionChanged['cause']>,
    unit: UnitOfWork,
  ): Promise<Suppression> {
    const expiresAt = reason === 'hard_bounce' ? new Date(Date.now() + HARD_BOUNCE_DAYS * DAY_MS) : null;
    return this.add(manager, { address, reason, source, expiresAt }, cause, unit);
  }

  async isSuppressed(address: string, manager: EntityManager): Promise<boolean> {
    const found = await manager.query<unknown[]>(SUPPRESSED_AMONG, [[normaliseAddress(address)]]);
    return found.length > 0;
  }

  /**
   * Removes a suppression for an operator. The count of failures starts at zero again.
   * @throws DomainError suppression_not_found
   */
  async remove(id: string): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const suppression = await manager.findOneBy(Suppression, { id });
      if (!suppression) throw new DomainError('suppression_not_found', `No suppression ${id}`);
      await manager.delete(Suppression, { id });
      await manager.delete(AddressFailure, { address: suppression.address });
      const unit = new UnitOfWork();
      await this.announce('removed', suppression, null, unit);
      await this.writer.write(manager, [unit]);
    });
  }

  /**
   * A suppression that lasts longer replaces a shorter one. A complaint replaces all others. Other repeats
   * change nothing.
   */
  private async add(
    manager: EntityManager,
    given: Pick<Suppression, 'address' | 'reason' | 'source' | 'expiresAt'>,
    cause: AddressSuppressionChanged['cause'],
    unit: UnitOfWork,
  ): Promise<Suppression> {
    const address = normaliseAddress(given.address);
    const { reason, source, expiresAt } = given;
    const changed = await manager.query<{ id: string }[]>(UPSERT, [
      uuidv7(),
      address,
      reason,
      source,
      new Date(),
      expiresAt,
    ]);
    const suppression = await manager.findOneByOrFail(Suppression, { address });
    if (changed.length > 0) await this.announce('added', suppression, cause, unit);
    return suppression;
  }

  private async announce(
    act: AddressSuppressionChanged['act'],
    { id, address, reason, source, expiresAt }: Suppression,
    cause: AddressSuppressionChanged['cause'],
    unit: UnitOfWork,
  ): Promise<void> {
    const suppression = { address, reason, source, expiresAt: expiresAt?.toISOString() ?? null };
    const fact = new AddressSuppressionChanged(id, act, suppression, cause);
    this.facts.emit(fact, unit);
  }
}

const UPSERT = `
  insert into suppressions as s (id, address, reason, source, created_at, expires_at)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (address) do update
    set reason = excluded.reason, source = excluded.source, created_at = excluded.created_at,
      expires_at = excluded.expires_at
    where s.expires_at <= now() or (excluded.reason = 'complaint' and s.reason <> 'complaint')
      or ((excluded.reason, s.reason) <> ('hard_bounce', 'hard_bounce')
      and coalesce(excluded.expires_at, 'infinity') > coalesce(s.expires_at, 'infinity'))
  returning id`;
