import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { TemplateChanged } from '../../../events/template-changed.event.js';
import { inTransaction } from '../../../platform/database/transaction.js';
import { uuidv7 } from '../../../platform/database/uuid.js';
import { DomainError } from '../../../platform/http/domain-error.js';
import type { MessageContent } from '../content/message-content.js';
import { ActiveOverrides } from './active-overrides.service.js';
import { ContentRehearsal } from './content-rehearsal.service.js';
import { type TemplateId, TemplateOverride } from './template-override.entity.js';
import { Facts } from '../../../platform/facts/facts.service.js';

/** Operators' own content of messages. It is saved in versions, and only if it renders for every sample customer. */
@Injectable()
export class TemplateOverrides {
  constructor(
    private readonly rehearsal: ContentRehearsal,
    private readonly active: ActiveOverrides,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** All active versions. */
  listActive(): Promise<TemplateOverride[]> {
    return this.dataSource.manager.findBy(TemplateOverride, { active: true });
  }

  /** Every version, newest first. */
  listVersions({ kind, language }: TemplateId): Promise<TemplateOverride[]> {
    return this.dataSource.manager.find(TemplateOverride, {
      where: { kind, language },
      order: { version: 'DESC' },
    });
  }

  /**
   * Saves and activates a new version.
   * @throws DomainError template_invalid
   */
  async save(id: TemplateId, content: MessageContent): Promise<TemplateOverride> {
    this.rehearsal.rehearse(id, content);
    return this.change(id, 'saved', (versions) => {
      const version = (versions[0]?.version ?? 0) + 1;
      return { ...id, ...content, id: uuidv7(), version, active: true, createdAt: new Date() };
    });
  }

  /**
   * Activates an earlier version.
   * @throws DomainError template_version_not_found, template_invalid
   */
  rollBack(id: TemplateId, version: number): Promise<TemplateOverride> {
    return this.change(id, 'rolled_back', (versions) => {
      const earlier = versions.find((candidate) => candidate.version === version);
      if (!earlier) {
        throw new DomainError('template_version_not_found', `No version ${version} of ${nameOf(id)}`);
      }
      const { subject, preheader, blocks } = earlier;
      this.rehearsal.rehearse(id, { subject, preheader, blocks });
      return earlier;
    });
  }

  /** Returns to the built-in content. The versions are kept. */
  async reset(id: TemplateId): Promise<void> {
    await this.change(id, 'reset', () => null);
  }

  /**
   * Makes one change of a message at a time. `choose` returns the version, perhaps a new one, that is active
   * afterwards.
   */
  private async change<T extends TemplateOverride | null>(
    id: TemplateId,
    act: TemplateChanged['act'],
    choose: (versions: TemplateOverride[]) => T,
  ): Promise<T> {
    const chosen = await inTransaction(this.dataSource, async (manager) => {
      await manager.query('select pg_advisory_xact_lock(hashtext($1))', [`template ${nameOf(id)}`]);
      const versions = await manager.find(TemplateOverride, { where: { ...id }, order: { version: 'DESC' } });
      const next = choose(versions);
      const before = versions.find(({ active }) => active)?.version ?? null;
      await manager.update(TemplateOverride, { ...id, active: true }, { active: false });
      if (next) await manager.save(TemplateOverride, { ...next, active: true });
      await this.facts.record(
        manager,
        new TemplateChanged(act, nameOf(id), { before, after: next?.version ?? null }),
      );
      return next;
    });
    this.active.clear();
    return chosen && { ...chosen, active: true };
  }
}

function nameOf({ kind, language }: TemplateId): string {
  return `${kind}/${language}`;
}
