import { Injectable } from '@nestjs/common';
import { Analysis } from '../../../platform/analysis/analysis.service.js';
import { Clock } from '../../../platform/clock.js';
import type { AnswerDto } from './answer.dto.js';
import type { AnyQuestion } from '../definitions/any-question.dto.js';
import { checkQuestion } from '../definitions/check-question.js';
import { RevenueRetentionDto } from '../definitions/retention.dto.js';
import { RevenueRetention } from '../retention/revenue-retention.service.js';
import type { Findings, QuestionContext } from '../sql/question-context.js';
import { findingsOf } from './findings.js';

/** Answers questions. */
@Injectable()
export class Answers {
  constructor(
    private readonly clock: Clock,
    private readonly revenue: RevenueRetention,
    private readonly analysis: Analysis,
  ) {}

  /**
   * Fills in the period, if there is none.
   * @throws DomainError definition_invalid, period_invalid for a question that cannot be answered
   */
  check(question: AnyQuestion): void {
    checkQuestion(question);
    if (question instanceof RevenueRetentionDto) this.revenue.check(question);
  }

  /** @throws DomainError definition_invalid, period_invalid, questions_busy, question_too_large */
  async answer(question: AnyQuestion): Promise<AnswerDto> {
    this.check(question);
    return this.analysis.answer(async (manager) => {
      const asOf = this.clock.now();
      return answerFrom(
        question,
        await findingsOf(question, { manager, asOf, slices: 1 }, this.revenue),
        asOf,
      );
    });
  }

  /**
   * @param slices how many statements a retention question is cut into
   * @throws DomainError question_too_large
   */
  find(question: AnyQuestion, options: Omit<QuestionContext, 'manager'>): Promise<Findings> {
    return this.analysis.read((manager) => findingsOf(question, { manager, ...options }, this.revenue));
  }
}

export function answerFrom(question: AnyQuestion, findings: Findings, asOf: Date): AnswerDto {
  return {
    kind: question.kind,
    name: null,
    version: null,
    definition: question,
    zone: question.zone,
    asOf,
    ageSeconds: 0,
    from: findings.period?.from ?? null,
    to: findings.period?.to ?? null,
    eventsKeptSince: findings.eventsKeptSince ?? null,
    limits: findings.limits,
    result: findings.result,
  };
}
