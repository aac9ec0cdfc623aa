import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { SegmentMembershipsChanged } from '../../events/segments/segment-memberships-changed.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { Rounds } from '../../platform/process/rounds.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { SegmentDefinitions } from '../definitions/segment-definitions.service.js';
import { Memberships } from '../memberships/memberships.service.js';
import { projectMembers, type ProjectedChange } from './project-members.js';

const EVERY_MS = 250;
const SWEPT_PER_ROUND = 500;

/**
 * Follows what no transaction does by itself: conditions that time alone makes true or false, and the lists of members.
 * Each process with the role `worker` looks four times a second.
 */
@Injectable()
export class SegmentUpkeep {
  private readonly logger = new Logger('segments');
  private readonly rounds = new Rounds(
    () => this.run(),
    EVERY_MS,
    (error) => this.logger.error({ event: 'segments not updated', error }),
  );

  constructor(
    private readonly definitions: SegmentDefinitions,
    private readonly memberships: Memberships,
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Called once the application is up. */
  start(): void {
    this.rounds.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.rounds.stop();
  }

  /** Sweeps and projects until nothing is left to do. */
  async run(): Promise<void> {
    if (this.definitions.current.revision === 0) return;
    while ((await this.sweep()) === SWEPT_PER_ROUND);
    while ((await this.project()) > 0);
  }

  /** @returns the number of customers whose time had come */
  private sweep(): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const due = await manager.query<{ customerId: string }[]>(TAKE_DUE, [SWEPT_PER_ROUND]);
      const unit = new UnitOfWork();
      for (const { customerId } of due) this.memberships.evaluateAll({ customerId, cause: 'time' }, unit);
      await this.writer.write(manager, [unit]);
      return due.length;
    });
  }

  /**
   * The facts and what their listeners add commit together with the lists, so no change is lost or emitted twice.
   * @returns the number of customers whose memberships the lists show now
   */
  private project(): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const { customers, changes } = await projectMembers(manager);
      const unit = new UnitOfWork();
      for (const change of changes) this.announce(change, unit);
      await this.writer.write(manager, [unit]);
      return customers;
    });
  }

  /** Versions that are being filled have no members yet, so a change of these alone is no fact. */
  private announce(change: ProjectedChange, unit: UnitOfWork): void {
    const { id, customerId, entered, left, cause: name, stripeEventId, imported, effectiveAt } = change;
    if (entered.length + left.length === 0) return;
    const cause = { name, isByDefinition: name === 'definition', stripeEventId, imported };
    const at = effectiveAt.toISOString();
    this.facts.emit(new SegmentMembershipsChanged(id, customerId, { entered, left }, cause, at), unit);
  }
}

/** Nothing if another process sweeps. */
const TAKE_DUE = `
  with turn as materialized (
    select pg_try_advisory_xact_lock(hashtextextended('sweep segments', 0)) as is_taken
  )
  select customer_id as "customerId" from customer_segments
  where next_evaluation_at <= now() and (select is_taken from turn)
  order by next_evaluation_at
  limit $1`;
