import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { UserArrived } from '../../events/customers/user-arrived.event.js';
import { CustomersSettings } from '../customers.settings.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import type { CreateUserDto, UserDto } from './user.dto.js';
import { User } from './user.entity.js';
import { UsersSource } from './users-source.service.js';
import { Facts } from '../../platform/facts/facts.service.js';

/** MINGUS users in this service. */
@Injectable()
export class UsersService {
  constructor(
    private readonly settings: CustomersSettings,
    private readonly source: UsersSource,
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError user_exists, users_table_is_external */
  async create({ id, email, name, createdAt }: CreateUserDto): Promise<UserDto> {
    if (this.settings.usersTable) {
      throw new DomainError(
        'users_table_is_external',
        'Users live in USERS_TABLE: announce them with …/arrived',
      );
    }
    const user: User = { id, email, name: name ?? null, createdAt: createdAt ?? new Date() };
    await inTransaction(this.dataSource, async (manager) => {
      if (await manager.existsBy(User, { id }))
        throw new DomainError('user_exists', `User ${id} exists already`);
      const unit = new UnitOfWork();
      unit.insert(User, user);
      this.facts.emit(new UserArrived(id, id, user), unit);
      await this.writer.write(manager, [unit]);
    });
    return user;
  }

  /** Emits the fact that a user now exists. @throws DomainError user_not_found */
  async announce(id: string): Promise<void> {
    const { user, awaitedAs } = await this.source.ask(id);
    if (!user) throw userNotFound(id);
    const fact = new UserArrived(user.id, awaitedAs, null);
    await inTransaction(this.dataSource, (manager) => this.facts.record(manager, fact));
  }

  /** @throws DomainError user_not_found */
  async get(id: string): Promise<UserDto> {
    const user = await this.source.find(id);
    if (!user) throw userNotFound(id);
    return user;
  }
}

function userNotFound(id: string): DomainError {
  return new DomainError('user_not_found', `No user ${id}`);
}
