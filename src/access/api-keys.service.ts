import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { ApiKeyChanged } from '../events/access/api-key-changed.event.js';
import { inTransaction } from '../platform/database/transaction.js';
import { uuidv7 } from '../platform/database/uuid.js';
import { DomainError } from '../platform/http/domain-error.js';
import { findPage, type Page } from '../platform/http/page.dto.js';
import { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../platform/unit-of-work/unit-of-work-writer.service.js';
import { ApiKeyRing } from './api-key-ring.service.js';
import { makeKey } from './api-key-text.js';
import type { ApiKeyDto, ApiKeysQuery, CreateApiKeyDto, NewApiKeyDto } from './api-key.dto.js';
import { ApiKey } from './api-key.entity.js';
import { Facts } from '../platform/facts/facts.service.js';

/** Creates, rotates and revokes keys. Each act is audited. */
@Injectable()
export class ApiKeys {
  constructor(
    private readonly ring: ApiKeyRing,
    private readonly writer: UnitOfWorkWriter,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async list(query: ApiKeysQuery): Promise<Page<ApiKeyDto>> {
    const { items, nextCursor } = await findPage(this.dataSource.getRepository(ApiKey), query, {}, [
      'digest',
    ]);
    return { items: items.map(toDto), nextCursor };
  }

  /** @throws DomainError expiry_in_the_past */
  create({ name, role, expiresAt }: CreateApiKeyDto): Promise<NewApiKeyDto> {
    return this.change((_manager, unit) => {
      if (expiresAt && expiresAt <= new Date()) {
        throw new DomainError('expiry_in_the_past', 'expiresAt must be in the future');
      }
      return this.add({ name, role, expiresAt: expiresAt ?? null }, unit);
    });
  }

  /**
   * Creates a key that replaces another one. The old key expires after `graceSeconds`.
   * @throws DomainError api_key_not_found, api_key_ended
   */
  rotate(id: string, graceSeconds: number): Promise<NewApiKeyDto> {
    return this.change(async (manager, unit) => {
      const old = await lockUsable(manager, id);
      const successor = await this.add({ ...old, expiresAt: old.expiresAt }, unit);
      const end = new Date(Math.min(Date.now() + graceSeconds * 1000, old.expiresAt?.getTime() ?? Infinity));
      unit.update(ApiKey, { id }, { expiresAt: end });
      await this.announce('rotated', { ...old, expiresAt: end }, unit, successor.id);
      return successor;
    });
  }

  /** @throws DomainError api_key_not_found, api_key_ended */
  revoke(id: string): Promise<ApiKeyDto> {
    return this.change(async (manager, unit) => {
      const key = await lockUsable(manager, id);
      const revokedAt = new Date();
      unit.update(ApiKey, { id }, { revokedAt });
      await this.announce('revoked', key, unit);
      return toDto({ ...key, revokedAt });
    });
  }

  private async add(
    { name, role, expiresAt }: Pick<ApiKey, 'name' | 'role' | 'expiresAt'>,
    unit: UnitOfWork,
  ): Promise<NewApiKeyDto> {
    const { key, prefix, digest } = makeKey();
    const row = { id: uuidv7(), name, role, prefix, digest, createdAt: new Date(), expiresAt };
    const whole = { ...row, revokedAt: null, lastUsedAt: null };
    unit.insert(ApiKey, whole);
    await this.announce('created', whole, unit);
    return { ...toDto(whole), key };
  }

  private async announce(
    act: ApiKeyChanged['act'],
    { id, name, role, prefix, expiresAt }: ApiKey,
    unit: UnitOfWork,
    replacedBy?: string,
  ): Promise<void> {
    const described = { name, role, prefix, expiresAt, ...(replacedBy ? { replacedBy } : {}) };
    this.facts.emit(new ApiKeyChanged(id, act, described), unit);
  }

  private async change<T>(work: (manager: EntityManager, unit: UnitOfWork) => Promise<T>): Promise<T> {
    const done = await inTransaction(this.dataSource, async (manager) => {
      const unit = new UnitOfWork();
      const result = await work(manager, unit);
      await this.writer.write(manager, [unit]);
      return result;
    });
    this.ring.clear();
    return done;
  }
}

async function lockUsable(manager: EntityManager, id: string): Promise<ApiKey> {
  const key = await manager.findOne(ApiKey, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!key) throw new DomainError('api_key_not_found', `No key ${id}`);
  if (key.revokedAt || (key.expiresAt && key.expiresAt <= new Date())) {
    throw new DomainError('api_key_ended', 'The key has been revoked or has expired');
  }
  return key;
}

function toDto({ id, name, role, prefix, createdAt, expiresAt, revokedAt, lastUsedAt }: ApiKey): ApiKeyDto {
  return { id, name, role, prefix, createdAt, expiresAt, revokedAt, lastUsedAt };
}
