import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { type FoundUser, UsersSource } from '../../customers/users/users-source.service.js';
import type { AssignedArm, StoredArms } from '../../events/assigned-arm.js';
import { ArmsAssigned } from '../../events/experiments/arms-assigned.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { assignArms, heldArms } from '../assignment/assign-arms.js';
import { NO_STRATA, strataOf } from '../assignment/customer-strata.js';
import { storeArms } from '../assignment/store-arms.js';
import { selectUnits, toStoredArms, type UnitRow } from '../assignment/stored-arms.queries.js';
import { findFirstCustomer } from '../assignment/unit-customers.queries.js';
import { ExperimentDefinitions } from '../definitions/experiment-definitions.service.js';
import type { UserExperimentsDto } from './user-experiments.dto.js';

/** The arms of users, as MINGUS reads and requests them. */
@Injectable()
export class UserExperiments {
  constructor(
    private readonly definitions: ExperimentDefinitions,
    private readonly users: UsersSource,
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError user_not_found */
  async get(userId: string): Promise<UserExperimentsDto> {
    const { manager } = this.dataSource;
    const user = await this.find(userId, manager);
    const stored = await findStoredArms(manager, user.id);
    return toDto(user, heldArms(stored, this.definitions.current.phases));
  }

  /**
   * A user keeps each arm. If a creation of a customer, or the same request, assigns arms at the same time, one of them
   * is decided again.
   * @throws DomainError user_not_found
   */
  assign(userId: string): Promise<UserExperimentsDto> {
    return inTransaction(this.dataSource, async (manager) => {
      // Waits for an erasure of the user, after which the user is not found.
      await manager.query('select from users where id = $1 for key share', [userId]);
      const user = await this.find(userId, manager);
      const stored = await findStoredArms(manager, user.id);
      const segments = await findSegments(manager, user.id);
      const candidate = { userId: user.id, stored, isMember: (segment: string) => segments.has(segment) };
      const now = new Date().toISOString();
      const assignment = assignArms(candidate, this.definitions.current, now);
      const unit = new UnitOfWork();
      const createdAt = user.createdAt.toISOString();
      const customer = await findFirstCustomer(manager, user.id);
      const armed = {
        user: { id: user.id, createdAt },
        customerId: customer?.id ?? null,
        strata: customer ? strataOf(customer) : NO_STRATA,
      };
      const added = storeArms(armed, assignment, unit);
      const named = added.map(({ experiment, arm }) => ({ experiment, arm }));
      if (added.length > 0) this.facts.emit(new ArmsAssigned(user.id, named), unit);
      await this.writer.write(manager, [unit]);
      return toDto(user, assignment.arms);
    });
  }

  private async find(userId: string, manager: EntityManager): Promise<FoundUser> {
    const user = await this.users.find(userId, manager);
    if (!user) throw new DomainError('user_not_found', `No user ${userId}`);
    return user;
  }
}

function toDto({ id: userId }: FoundUser, arms: readonly AssignedArm[]): UserExperimentsDto {
  const experiments = arms.flatMap(({ experiment, arm, treatment, assignedAt }) =>
    treatment === null
      ? []
      : [{ experiment, arm, parameters: treatment.parameters, assignedAt: new Date(assignedAt) }],
  );
  return { userId, experiments };
}

async function findStoredArms(manager: EntityManager, userId: string): Promise<StoredArms | null> {
  const [row] = await manager.query<UnitRow[]>(selectUnits('$1'), [userId]);
  return row ? toStoredArms(row) : null;
}

/** The segments of the customers of a user. */
async function findSegments(manager: EntityManager, userId: string): Promise<ReadonlySet<string>> {
  const rows = await manager.query<{ name: string }[]>(SEGMENTS, [userId]);
  return new Set(rows.map(({ name }) => name));
}

const SEGMENTS = `
  select distinct segments.name from customers
  join customer_segments on customer_id = customers.id
  join segments on serving_version_id = any(member_of)
  where user_id = $1`;
