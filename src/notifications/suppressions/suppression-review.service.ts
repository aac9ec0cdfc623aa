import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { holdsToday } from './suppression-source.js';
import type { Suppression } from './suppression.entity.js';
import { SuppressionsService } from './suppressions.service.js';

const PAGE_SIZE = 500;

type ReviewedSuppression = Pick<Suppression, 'id' | 'address' | 'source' | 'createdAt'>;

/** Finds suppressions that former rules made and the present rules would not make. */
@Injectable()
export class SuppressionReview {
  constructor(
    private readonly suppressions: SuppressionsService,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Lists them oldest first. Expired ones are left out, because they no longer stop mail. */
  async *unfounded(): AsyncGenerator<ReviewedSuppression> {
    let after = '00000000-0000-0000-0000-000000000000';
    let page: ReviewedSuppression[];
    do {
      page = await this.dataSource.query<ReviewedSuppression[]>(HARD_BOUNCES, [after, PAGE_SIZE]);
      yield* page.filter(({ source }) => !holdsToday(source));
      after = page.at(-1)?.id ?? after;
    } while (page.length === PAGE_SIZE);
  }

  /** Removes the suppression: mail goes to the address again. */
  async lift({ id }: ReviewedSuppression): Promise<void> {
    await this.suppressions.remove(id);
  }
}

const HARD_BOUNCES = `
  select id, address, source, created_at as "createdAt" from suppressions
  where reason = 'hard_bounce' and coalesce(expires_at, 'infinity') > now() and id > $1
  order by id limit $2`;
