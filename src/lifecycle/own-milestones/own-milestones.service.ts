import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { UsersSource } from '../../customers/users/users-source.service.js';
import { LeadMilestoneReached } from '../../events/lifecycle/lead-milestone-reached.event.js';
import { MilestoneReached } from '../../events/lifecycle/milestone-reached.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { LifecycleSettings } from '../lifecycle.settings.js';
import type { CustomerMilestoneDto, ReportedMilestoneDto, ReportMilestoneDto } from './milestone.dto.js';

/** By how much the clock of MINGUS may be ahead. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** After this time, all transactions that ran when another one committed have ended. */
const OVERLAP_MS = 60_000;

interface UsersCustomer {
  customerId: string;
  stripeCustomerId: string;
  /** When each milestone was reached (ISO 8601). */
  milestones: Record<string, string | null>;
}

/** A milestone of a user, and when they reached it. */
interface Reached {
  milestone: string;
  reachedAt: Date;
}

/** Stores milestones that MINGUS reports for the user, and for each of the user's customers. */
@Injectable()
export class OwnMilestones {
  constructor(
    private readonly settings: LifecycleSettings,
    private readonly users: UsersSource,
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError milestone_unknown, occurred_at_in_the_future, user_not_found */
  report(userId: string, { milestone, occurredAt }: ReportMilestoneDto): Promise<ReportedMilestoneDto> {
    if (!this.settings.milestones.includes(milestone)) {
      const known = this.settings.milestones.join(', ');
      throw new DomainError('milestone_unknown', `MILESTONES has no ${milestone}, only: ${known}`);
    }
    const reachedAt = occurredAt === undefined ? new Date() : new Date(occurredAt);
    if (reachedAt.getTime() > Date.now() + CLOCK_TOLERANCE_MS)
      throw new DomainError('occurred_at_in_the_future', 'occurredAt lies in the future');
    return inTransaction(this.dataSource, (manager) => this.store(manager, userId, { milestone, reachedAt }));
  }

  private async store(
    manager: EntityManager,
    userId: string,
    reached: Reached,
  ): Promise<ReportedMilestoneDto> {
    const customers = await manager.query<UsersCustomer[]>(CUSTOMERS, [userId]);
    if (customers.length === 0 && !(await this.users.findLocked(userId, manager)))
      throw new DomainError('user_not_found', `No user ${userId}`);
    const { milestone, reachedAt } = reached;
    const reported = await manager.query<Reached[]>(REPORTED, [userId]);
    const stored = reported.find((other) => other.milestone === milestone);
    const isNew = !stored || stored.reachedAt > reachedAt;
    const unit = new UnitOfWork();
    if (isNew) storeOfUser(userId, reached, unit);
    if (isNew && customers.length === 0)
      this.facts.emit(new LeadMilestoneReached(userId, milestone, reachedAt), unit);
    const ofCustomers = customers.map((customer) => this.reach(userId, customer, reached, unit));
    await this.writer.write(manager, [unit]);
    return { milestone, reachedAt: isNew ? reachedAt : stored.reachedAt, isNew, customers: ofCustomers };
  }

  /** Completes the milestones of the user's customers. Deletes those of a user who was erased. */
  merge(userId: string): Promise<void> {
    return inTransaction(this.dataSource, async (manager) => {
      const customers = await manager.query<UsersCustomer[]>(CUSTOMERS, [userId]);
      const isGone = customers.length === 0 && !(await this.users.find(userId, manager));
      if (isGone) await manager.query('delete from user_milestones where user_id = $1', [userId]);
      const reported = await manager.query<Reached[]>(REPORTED, [userId]);
      const unit = new UnitOfWork();
      for (const customer of customers)
        for (const reached of reported) this.reach(userId, customer, reached, unit);
      await this.writer.write(manager, [unit]);
    });
  }

  private reach(
    userId: string,
    { customerId, stripeCustomerId, milestones }: UsersCustomer,
    { milestone, reachedAt }: Reached,
    unit: UnitOfWork,
  ): CustomerMilestoneDto {
    const stored = milestones[milestone] ?? null;
    if (stored !== null && new Date(stored) <= reachedAt)
      return { stripeCustomerId, reachedAt: new Date(stored), isNew: false };
    this.facts.emit(new MilestoneReached(customerId, stripeCustomerId, userId, milestone, reachedAt), unit);
    return { stripeCustomerId, reachedAt, isNew: true };
  }
}

function storeOfUser(userId: string, { milestone, reachedAt }: Reached, unit: UnitOfWork): void {
  const row = { id: uuidv7(), userId, milestone, occurredAt: reachedAt, recordedAt: new Date() };
  unit.execute(STORE, { ...row, source: 'service_api' });
  const runAt = new Date(Date.now() + OVERLAP_MS);
  unit.enqueue('merge-milestones', { userId }, { runAt, key: `milestones:${userId}` });
}

const CUSTOMERS = `
  select l.customer_id as "customerId", stripe_customer_id as "stripeCustomerId", milestones
  from customer_lifecycles l join customers c on c.id = l.customer_id
  where user_id = $1 and deleted_at is null
  order by l.customer_id
  for update of l`;

const REPORTED = `
  select milestone, occurred_at as "reachedAt" from user_milestones where user_id = $1 order by milestone`;

/** The earliest time counts. */
const STORE = `
  insert into user_milestones (id, user_id, milestone, occurred_at, recorded_at, source)
  select id, "userId", milestone, "occurredAt", "recordedAt", source
  from json_to_recordset($1::json) as reported (id uuid, "userId" text, milestone text, "occurredAt" timestamptz,
    "recordedAt" timestamptz, source text)
  on conflict (user_id, milestone) do update set occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at
  where excluded.occurred_at < user_milestones.occurred_at`;
