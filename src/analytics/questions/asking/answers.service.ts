import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import pLimit from 'p-limit';
import { DataSource } from 'typeorm';
import { Clock } from '../../../platform/clock.js';
import { DomainError } from '../../../platform/http/domain-error.js';
import { sqlStateOf } from '../../../platform/sql-state.js';
import type { AnswerDto } from './answer.dto.js';
import type { AnyQuestion } from '../definitions/any-question.dto.js';
import { checkQuestion } from '../definitions/check-question.js';
import { RevenueRetention } from '../retention/revenue-retention.service.js';
import type { Findings, QuestionContext } from '../sql/question-context.js';
import { findingsOf } from './findings.js';

/** So many questions of a process are answered at a time, so that others find free connections and processors. */
const RUNNING_MAX = 2;
/** So many questions wait for that; further ones are refused. */
const WAITING_MAX = 8;
const TIMEOUT_SECONDS = 9;
const CANCELLED = '57014';

/** Answers questions, a few at a time, each in one read-only transaction. */
@Injectable()
export class Answers {
  private readonly limit = pLimit(RUNNING_MAX);

  constructor(
    private readonly clock: Clock,
    private readonly revenue: RevenueRetention,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError definition_invalid, period_invalid, questions_busy, question_too_large */
  async answer(question: AnyQuestion): Promise<AnswerDto> {
    checkQuestion(question);
    if (this.limit.pendingCount >= WAITING_MAX)
      throw new DomainError('questions_busy', `${WAITING_MAX} questions wait already; ask again later`);
    return this.limit(async () => {
      const asOf = this.clock.now();
      return answerFrom(question, await this.find(question, { asOf, slices: 1 }), asOf);
    });
  }

  /**
   * @param slices how many statements a retention question is cut into
   * @throws DomainError question_too_large
   */
  async find(question: AnyQuestion, options: Omit<QuestionContext, 'manager'>): Promise<Findings> {
    try {
      return await this.dataSource.transaction('REPEATABLE READ', async (manager) => {
        await manager.query(SESSION);
        return findingsOf(question, { manager, ...options }, this.revenue);
      });
    } catch (error) {
      if (sqlStateOf(error) !== CANCELLED) throw error;
      throw new DomainError(
        'question_too_large',
        `The question took longer than ${TIMEOUT_SECONDS} s: choose a shorter period, rarer events or fewer steps`,
      );
    }
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
    limits: findings.limits,
    result: findings.result,
  };
}

/** Two workers share the scan and the sort of a funnel: 20 million events of a million persons, 2.7 instead of 4 s. */
const SESSION = `
  set transaction read only;
  set local statement_timeout = '${TIMEOUT_SECONDS}s';
  set local work_mem = '128MB';
  set local jit = off;
  set local max_parallel_workers_per_gather = 2;
  set local parallel_tuple_cost = 0.001`;
