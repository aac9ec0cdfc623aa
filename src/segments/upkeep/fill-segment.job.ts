import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { JobPayloads } from '../../events/job-tasks.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { reviseDefinitions } from '../definitions/revise-definitions.js';
import { SegmentDefinitions } from '../definitions/segment-definitions.service.js';
import { SegmentVersion } from '../definitions/segment-version.entity.js';
import type { ChangedCustomer } from '../memberships/evaluation.queries.js';
import { Memberships } from '../memberships/memberships.service.js';
import type { RuleInput } from '../rules/inputs-of.js';
import { compileRules } from '../rules/sql/compile-rule.js';
import {
  DIFFERENT_MEMBERS,
  FORGET_CANDIDATES,
  FORGET_MEMBERS,
  RETIRE_OLD,
  SERVE_NEW,
  STAGING_SESSION,
  stagingOf,
  STRAGGLERS,
  TAKE_CANDIDATES,
} from './fill-segment.queries.js';

/** Short transactions, because an event about one of these customers waits for them. */
const CUSTOMERS_PER_PAGE = 1000;
/** After this time, all processes evaluate with the definitions of the swap. */
const STRAGGLERS_AFTER_MS = 10_000;

type Page = { customerId: string }[];

/**
 * Decides about all customers for a new version of a segment, and then lets it serve. Until then
 * the older version serves. A run that is repeated continues where the last one ended.
 */
@Injectable()
@JobHandler('fill-segment')
export class FillSegmentJob implements JobRun<'fill-segment'> {
  private readonly logger = new Logger('segments');

  constructor(
    private readonly definitions: SegmentDefinitions,
    private readonly memberships: Memberships,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(payloads: readonly JobPayloads['fill-segment'][]): Promise<void> {
    for (const { versionId } of payloads) await this.fill(versionId);
  }

  private async fill(id: number): Promise<void> {
    await this.definitions.refresh();
    const version = await this.dataSource.manager.findOneBy(SegmentVersion, { id });
    if (version?.status === 'filling') await this.decideAll(version);
    if (version?.status === 'serving') await this.decideStragglers();
    if (version?.status === 'retired') await this.forgetMembers(id);
  }

  private async decideAll({ id, segmentId, stagedAt }: SegmentVersion): Promise<void> {
    const startedAt = performance.now();
    if (stagedAt === null) await this.stage(id);
    let customers = 0;
    for (let page = -1; page !== 0; customers += page) page = await this.decidePage(id);
    const retired = await this.serve(id, segmentId);
    await this.definitions.refresh();
    if (retired !== null) {
      await this.decideDependents(retired, id);
      await this.forgetMembers(retired);
    }
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    this.logger.log({ event: 'segment filled', versionId: id, customers, seconds });
  }

  /**
   * Finds the candidates with one statement, which reads all customers far faster than page by page. All processes know
   * the version by now: a customer that changes from here on is decided in its own transaction.
   */
  private stage(id: number): Promise<void> {
    const { versions, servingIds } = this.definitions.current;
    const version = versions.filter((one) => one.id === id);
    if (version.length === 0) throw new Error(`Version ${id} of a segment cannot be evaluated`);
    return inTransaction(this.dataSource, async (manager) => {
      await manager.query(STAGING_SESSION);
      await manager.query(FORGET_CANDIDATES, [id]);
      await manager.query(stagingOf(compileRules(version, 'all', servingIds)), [id]);
      await manager.update(SegmentVersion, id, { stagedAt: new Date() });
    });
  }

  /** Decides candidates again, with their rows locked. @returns their number; 0 after the last page */
  private decidePage(id: number): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const [page] = await manager.query<[Page, number]>(TAKE_CANDIDATES, [id, CUSTOMERS_PER_PAGE]);
      const unit = new UnitOfWork();
      const customers = page.map(({ customerId }) => byDefinition(customerId));
      if (customers.length > 0) this.memberships.fill(id, customers, unit);
      await this.writer.write(manager, [unit]);
      return page.length;
    });
  }

  /** @returns the version that served until now; null if there was none, or if an edit has retired this one */
  private serve(id: number, segmentId: number): Promise<number | null> {
    return inTransaction(this.dataSource, async (manager) => {
      await reviseDefinitions(manager);
      if (!(await manager.existsBy(SegmentVersion, { id, status: 'filling' }))) return null;
      const [[retired]] = await manager.query<[{ id: number }[], number]>(RETIRE_OLD, [segmentId]);
      await manager.query(SERVE_NEW, [id, segmentId]);
      const unit = new UnitOfWork();
      const runAt = new Date(Date.now() + STRAGGLERS_AFTER_MS);
      unit.enqueue('fill-segment', { versionId: id }, { runAt });
      await this.writer.write(manager, [unit]);
      return retired?.id ?? null;
    });
  }

  /** Segments that mention this one have other members now. */
  private async decideDependents(retired: number, serving: number): Promise<void> {
    const name = `segment ${serving}`;
    const concerns = (input: RuleInput) => input === `segment:${serving}`;
    const change = { name, concerns, isSingle: true };
    let after: string | null = null;
    do {
      after = await this.page(DIFFERENT_MEMBERS, [retired, serving, after], (customerId, unit) =>
        this.memberships.evaluate(byDefinition(customerId), change, unit),
      );
    } while (after !== null);
  }

  /** Customers who were evaluated with older definitions after the swap, by a process that did not know of it yet. */
  private async decideStragglers(): Promise<void> {
    let after: string | null = null;
    do {
      after = await this.page(STRAGGLERS, [this.definitions.current.revision, after], (customerId, unit) =>
        this.memberships.evaluateAll(byDefinition(customerId), unit),
      );
    } while (after !== null);
  }

  /** @returns the last customer of the page; null after the last page */
  private page(
    query: string,
    parameters: unknown[],
    decide: (customerId: string, unit: UnitOfWork) => void,
  ): Promise<string | null> {
    return inTransaction(this.dataSource, async (manager) => {
      const page = await manager.query<Page>(query, [...parameters, CUSTOMERS_PER_PAGE]);
      const unit = new UnitOfWork();
      for (const { customerId } of page) decide(customerId, unit);
      await this.writer.write(manager, [unit]);
      return page.at(-1)?.customerId ?? null;
    });
  }

  private async forgetMembers(versionId: number): Promise<void> {
    await this.dataSource.query(FORGET_CANDIDATES, [versionId]);
    const forgetSome = (manager: EntityManager) =>
      manager.query<[unknown[], number]>(FORGET_MEMBERS, [versionId, CUSTOMERS_PER_PAGE]);
    while ((await forgetSome(this.dataSource.manager))[1] > 0);
  }
}

/** The rule changed, not the customer: when the rule would have become true is not known. */
function byDefinition(customerId: string): ChangedCustomer {
  return { customerId, cause: 'definition', effectiveAt: new Date().toISOString() };
}
