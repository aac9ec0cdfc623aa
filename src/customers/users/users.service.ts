import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { UserArrived } from '../../events/customers/user-arrived.event.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import type { CreateUserDto, UserDto } from './user.dto.js';
import { User } from './user.entity.js';
import { UsersSource } from './users-source.service.js';

/** MINGUS users as this service knows them. */
@Injectable()
export class UsersService {
  constructor(
    private readonly config: AppConfig,
    private readonly source: UsersSource,
    private readonly emitter: EventEmitter2,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError user_exists, users_table_is_external */
  async create({ id, email, name, createdAt }: CreateUserDto): Promise<UserDto> {
    if (this.config.users.table) {
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
      await this.emitter.emitAsync(UserArrived.eventName, new UserArrived(id, user), unit);
      await this.writer.write(manager, [unit]);
    });
    return user;
  }

  /** Tells the rest of the service that a user has come into being. @throws DomainError user_not_found */
  async announce(id: string): Promise<void> {
    await this.get(id);
    await inTransaction(this.dataSource, async (manager) => {
      const unit = new UnitOfWork();
      await this.emitter.emitAsync(UserArrived.eventName, new UserArrived(id, null), unit);
      await this.writer.write(manager, [unit]);
    });
  }

  /** @throws DomainError user_not_found */
  async get(id: string): Promise<UserDto> {
    const user = await this.source.find(id);
    if (!user) throw new DomainError('user_not_found', `No user ${id}`);
    return user;
  }
}
