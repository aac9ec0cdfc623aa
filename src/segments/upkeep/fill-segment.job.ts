import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
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
  FORGET_CANDIDATES,
  FORGET_MEMBERS,
  KEEP_DEPENDENTS,
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
/** Adds the decision about customers to a transaction. */
type Decide = (customers: readonly ChangedCustomer[], unit: UnitOfWork) => void;

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
    if (version?.status === 'serving') await this.followSwap(version);
    if (version?.status === 'retired') await this.forgetMembers(id);
  }

  private async decideAll(version: SegmentVersion): Promise<void> {
    const { id, stagedAt } = version;
    const startedAt = performance.now();
    if (stagedAt === null) await this.stage(id);
    const customers = await this.decideCandidates(id, (some, unit) => this.memberships.fill(id, some, unit));
    await this.serve(version);
    await this.definitions.refresh();
    await this.decideDependents(version);
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    this.logger.log({ event: 'segment filled', versionId: id, customers, seconds });
  }

  /** Some time after the swap, also if the run that swapped was killed. */
  private async followSwap(version: SegmentVersion): Promise<void> {
    await this.decideDependents(version);
    await this.decideStragglers(version);
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

  /** Decides page by page, with the rows of the customers locked. @returns the number of candidates */
  private async decideCandidates(id: number, decide: Decide): Promise<number> {
    let customers = 0;
    for (let page = -1; page !== 0; customers += page) page = await this.decidePage(id, decide);
    return customers;
  }

  private decidePage(id: number, decide: Decide): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const [page] = await manager.query<[Page, number]>(TAKE_CANDIDATES, [id, CUSTOMERS_PER_PAGE]);
      const unit = new UnitOfWork();
      if (page.length > 0) decide(page.map(byDefinition), unit);
      await this.writer.write(manager, [unit]);
      return page.length;
    });
  }

  /** What is left to do after the swap is stored with it. Nothing if an edit has retired this version. */
  private serve({ id, segmentId, segment }: SegmentVersion): Promise<void> {
    return inTransaction(this.dataSource, async (manager) => {
      await manager.query(STAGING_SESSION);
      await reviseDefinitions(manager);
      if (!(await manager.existsBy(SegmentVersion, { id, status: 'filling' }))) return;
      const [[retired]] = await manager.query<[{ id: number }[], number]>(RETIRE_OLD, [segmentId]);
      await manager.query(SERVE_NEW, [id, segmentId]);
      const unit = new UnitOfWork();
      const runAt = new Date(Date.now() + STRAGGLERS_AFTER_MS);
      unit.enqueue('fill-segment', { versionId: id }, { runAt });
      if (retired) {
        await manager.query(KEEP_DEPENDENTS, [retired.id, id, segment]);
        unit.enqueue('fill-segment', { versionId: retired.id }, { runAt });
      }
      await this.writer.write(manager, [unit]);
    });
  }

  /** Segments that mention this one have other members now. */
  private async decideDependents({ id, segment }: SegmentVersion): Promise<void> {
    await this.decideCandidates(id, (customers, unit) => {
      const serving = this.definitions.current.servingIds.get(segment);
      const concerns = (input: RuleInput) => input === `segment:${serving}`;
      const change = { name: `segment ${serving}`, concerns, isSingle: true };
      for (const customer of customers) this.memberships.evaluate(customer, change, unit);
    });
  }

  /** Customers who were evaluated with older definitions after the swap, by a process that did not know of it yet. */
  private async decideStragglers({ servedFrom }: SegmentVersion): Promise<void> {
    let after: string | null = null;
    do after = await this.decideSomeStragglers(servedFrom, after);
    while (after !== null);
  }

  /** @returns the last customer of the page; null after the last page */
  private decideSomeStragglers(servedFrom: Date | null, after: string | null): Promise<string | null> {
    return inTransaction(this.dataSource, async (manager) => {
      const { revision } = this.definitions.current;
      const page = await manager.query<Page>(STRAGGLERS, [revision, servedFrom, after, CUSTOMERS_PER_PAGE]);
      const unit = new UnitOfWork();
      for (const customer of page) this.memberships.evaluateAll(byDefinition(customer), unit);
      await this.writer.write(manager, [unit]);
      return page.at(-1)?.customerId ?? null;
    });
  }

  private async forgetMembers(versionId: number): Promise<void> {
    await this.dataSource.query(FORGET_CANDIDATES, [versionId]);
    const page = [versionId, CUSTOMERS_PER_PAGE];
    let forgotten = 0;
    do [, forgotten] = await this.dataSource.query<[unknown[], number]>(FORGET_MEMBERS, page);
    while (forgotten > 0);
  }
}

/** The rule changed, not the customer: when the rule would have become true is not known. */
function byDefinition({ customerId }: { customerId: string }): ChangedCustomer {
  return { customerId, cause: 'definition', effectiveAt: new Date().toISOString() };
}
