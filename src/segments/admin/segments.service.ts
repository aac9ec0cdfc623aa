import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { currentCause } from '../../platform/cause.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { reviseDefinitions } from '../definitions/revise-definitions.js';
import { SegmentDefinitions } from '../definitions/segment-definitions.service.js';
import { Segment } from '../definitions/segment.entity.js';
import { SegmentVersion } from '../definitions/segment-version.entity.js';
import { findEligible, refuseUsedByExperiments } from './experiments-of.queries.js';
import { checkRule, mentionsOf, refuseCostlyRules, requireKnownAtCreation } from './check-rule.js';
import type { DefineSegmentDto, EditSegmentDto, SegmentDto } from './segment.dto.js';
import { findSegments } from './segments.queries.js';

/** Each transaction evaluates the segments that it affects, so their number is limited. */
const SEGMENTS_MAX = 200;

/** By then all processes know a new version, and the transactions that did not know it have ended. */
const KNOWN_AFTER_MS = 3000;

/** Defines, edits and deletes segments. Each act is audited. */
@Injectable()
export class Segments {
  constructor(
    private readonly definitions: SegmentDefinitions,
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  list(): Promise<SegmentDto[]> {
    return findSegments(this.dataSource.manager, this.definitions.current);
  }

  /** @throws DomainError segment_not_found */
  async get(name: string): Promise<SegmentDto> {
    const [segment] = await findSegments(this.dataSource.manager, this.definitions.current, name);
    if (!segment) throw new DomainError('segment_not_found', `No segment ${name}`);
    return segment;
  }

  /**
   * The first version is filled by a job, and serves then.
   * @throws DomainError rule_invalid, segment_exists, too_many_segments, too_many_conditions
   */
  async define({ name, description, rule }: DefineSegmentDto): Promise<SegmentDto> {
    await this.change(async (manager, unit) => {
      const checked = await checkRule(manager, rule, name);
      if (await manager.existsBy(Segment, { name }))
        throw new DomainError('segment_exists', `There is a segment ${name}`);
      if ((await manager.count(Segment)) >= SEGMENTS_MAX)
        throw new DomainError('too_many_segments', `There are ${SEGMENTS_MAX} segments, the most allowed`);
      const { id } = await manager.save(Segment, {
        name,
        description: description ?? '',
        servingVersionId: null,
        createdAt: new Date(),
      });
      await refuseCostlyRules(manager, name, checked);
      await this.addVersion(manager, { segmentId: id, version: 1, rule: checked }, unit);
      this.facts.emit(new OperatorActed('segment.defined', { type: 'segment', id: name }, {}), unit);
    });
    return this.get(name);
  }

  /**
   * A new rule is a new version. The old one serves until the new one is filled.
   * @throws DomainError segment_not_found, rule_invalid, too_many_conditions
   */
  async edit(name: string, { rule, description }: EditSegmentDto): Promise<SegmentDto> {
    await this.change(async (manager, unit) => {
      const segment = await findByName(manager, name);
      if (description != null) await manager.update(Segment, segment.id, { description });
      const details = rule === undefined ? {} : await this.editRule(manager, segment, rule, unit);
      this.facts.emit(new OperatorActed('segment.edited', { type: 'segment', id: name }, details), unit);
    });
    return this.get(name);
  }

  /** @throws DomainError segment_not_found, segment_in_use with the names of its users */
  async delete(name: string): Promise<void> {
    await this.change(async (manager, unit) => {
      const { id } = await findByName(manager, name);
      const mentions = await mentionsOf(manager);
      const users = [...mentions].flatMap(([user, mentioned]) => (mentioned.includes(name) ? [user] : []));
      if (users.length > 0) throw new DomainError('segment_in_use', `Other segments mention ${name}`, users);
      await refuseUsedByExperiments(manager, name);
      const versions = await manager.findBy(SegmentVersion, { segmentId: id });
      await manager.update(SegmentVersion, { segmentId: id }, { status: 'retired', servedUntil: new Date() });
      await manager.delete(Segment, id);
      for (const version of versions) unit.enqueue('fill-segment', { versionId: version.id });
      this.facts.emit(new OperatorActed('segment.deleted', { type: 'segment', id: name }, {}), unit);
    });
  }

  /** A version that is still being filled gives way to the new one. */
  private async editRule(
    manager: EntityManager,
    { id: segmentId, name }: Segment,
    rule: object,
    unit: UnitOfWork,
  ): Promise<Record<string, string>> {
    const checked = await checkRule(manager, rule, name);
    const [newest] = await manager.find(SegmentVersion, {
      where: { segmentId },
      order: { version: 'DESC' },
      take: 1,
    });
    if (newest?.status === 'filling') {
      await manager.update(SegmentVersion, newest.id, { status: 'retired' });
      unit.enqueue('fill-segment', { versionId: newest.id });
    }
    await refuseCostlyRules(manager, name, checked);
    const version = (newest?.version ?? 0) + 1;
    await this.addVersion(manager, { segmentId, version, rule: checked }, unit);
    for (const segment of await findEligible(manager)) await requireKnownAtCreation(manager, segment);
    return { version: String(version) };
  }

  private async addVersion(
    manager: EntityManager,
    version: Pick<SegmentVersion, 'segmentId' | 'version' | 'rule'>,
    unit: UnitOfWork,
  ): Promise<void> {
    const { id } = await manager.save(SegmentVersion, {
      ...version,
      status: 'filling' as const,
      createdBy: currentCause().caller?.name ?? null,
      createdAt: new Date(),
      stagedAt: null,
      servedFrom: null,
      servedUntil: null,
    });
    const runAt = new Date(Date.now() + KNOWN_AFTER_MS);
    unit.enqueue('fill-segment', { versionId: id }, { runAt, isUrgent: true });
  }

  private async change(work: (manager: EntityManager, unit: UnitOfWork) => Promise<void>): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      await reviseDefinitions(manager);
      const unit = new UnitOfWork();
      await work(manager, unit);
      await this.writer.write(manager, [unit]);
    });
    await this.definitions.refresh();
  }
}

async function findByName(manager: EntityManager, name: string): Promise<Segment> {
  const segment = await manager.findOneBy(Segment, { name });
  if (!segment) throw new DomainError('segment_not_found', `No segment ${name}`);
  return segment;
}
