import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { UsersSource } from '../../customers/users/users-source.service.js';
import { UserMilestone } from '../own-milestones/user-milestone.entity.js';
import type { LeadsPageDto, LeadsQuery } from './lead.dto.js';

/** Lists MINGUS users who are no customers yet. */
@Injectable()
export class Leads {
  constructor(
    private readonly users: UsersSource,
    @InjectRepository(UserMilestone) private readonly milestones: Repository<UserMilestone>,
  ) {}

  /** @throws DomainError cursor_invalid */
  async list({ cursor, limit }: LeadsQuery): Promise<LeadsPageDto> {
    const found = await this.users.listLeads({ after: cursor ?? null, limit: limit + 1 });
    const page = found.slice(0, limit);
    const milestones = await this.milestones.find({
      where: { userId: In(page.map(({ id }) => id)) },
      order: { occurredAt: 'ASC', milestone: 'ASC' },
    });
    const items = page.map(({ id, created_at: createdAt }) => ({
      userId: id,
      createdAt,
      milestones: milestones
        .filter(({ userId }) => userId === id)
        .map(({ milestone, occurredAt: reachedAt, recordedAt }) => ({ milestone, reachedAt, recordedAt })),
    }));
    return { items, nextCursor: found.length > limit ? (items.at(-1)?.userId ?? null) : null };
  }
}
