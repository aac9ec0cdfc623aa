import { Injectable } from '@nestjs/common';
import { Revenue } from '../../../subscriptions/revenue/revenue.service.js';
import type { RevenueRetentionDto } from '../definitions/retention.dto.js';
import type { RevenueRetentionResultDto } from './retention-result.dto.js';
import type { Findings, QuestionContext } from '../sql/question-context.js';

/** Answers with the report of `GET /admin/revenue/cohorts`, so that revenue has one definition. */
@Injectable()
export class RevenueRetention {
  constructor(private readonly revenue: Revenue) {}

  /** @throws DomainError period_invalid for months that cannot be answered */
  check(question: RevenueRetentionDto): void {
    this.revenue.checkMonths(question);
  }

  /** @throws DomainError period_invalid */
  async answer(
    { from, to, zone, currency }: RevenueRetentionDto,
    { manager }: QuestionContext,
  ): Promise<Findings> {
    const { definition, cohorts } = await this.revenue.cohorts({ from, to, zone, currency }, manager);
    const result: RevenueRetentionResultDto = { definition, cohorts };
    return { period: null, limits: [], result };
  }
}
