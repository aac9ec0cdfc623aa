import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { OperatorActed } from '../../../events/operator-acted.event.js';
import { currentCause } from '../../../platform/cause.js';
import { Clock } from '../../../platform/clock.js';
import { inTransaction } from '../../../platform/database/transaction.js';
import { uuidv7 } from '../../../platform/database/uuid.js';
import { Facts } from '../../../platform/facts/facts.service.js';
import { DomainError } from '../../../platform/http/domain-error.js';
import { findPage, PageQuery } from '../../../platform/http/page.dto.js';
import { Answers } from '../asking/answers.service.js';
import type { AnyQuestion } from '../definitions/any-question.dto.js';
import { FunnelDto } from '../definitions/funnel.dto.js';
import { AnalyticsQuestion } from './analytics-question.entity.js';
import { AnalyticsQuestionVersion } from './analytics-question-version.entity.js';
import { AnalyticsRollup } from './analytics-rollup.entity.js';
import { KEPT_KINDS } from './kept-kinds.js';
import type {
  QuestionPageDto,
  QuestionSummaryDto,
  SavedQuestionDto,
  SaveQuestionDto,
} from './saved-question.dto.js';

/** Keeps questions by name, with all versions of their definitions. Each change is audited. */
@Injectable()
export class SavedQuestions {
  constructor(
    private readonly clock: Clock,
    private readonly facts: Facts,
    private readonly answers: Answers,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError definition_invalid, period_invalid, segment_not_found */
  save({ name, definition }: SaveQuestionDto): Promise<SavedQuestionDto> {
    this.answers.check(definition);
    return inTransaction(this.dataSource, async (manager) => {
      await checkSegment(definition, manager);
      const createdAt = this.clock.now();
      // The row is locked, so that versions of one name are numbered one after another.
      const [question] = await manager.query<{ id: string }[]>(SAVE, [uuidv7(), name, createdAt]);
      const questionId = question?.id ?? '';
      const version = 1 + (await manager.countBy(AnalyticsQuestionVersion, { questionId }));
      const createdBy = currentCause().caller?.name ?? null;
      const row = { id: uuidv7(), questionId, version, definition, createdBy, createdAt };
      await manager.insert(AnalyticsQuestionVersion, row);
      if (KEPT_KINDS.includes(definition.kind))
        await manager.insert(AnalyticsRollup, { versionId: row.id, wantedAt: createdAt });
      const details = { version: String(version), kind: definition.kind };
      await this.facts.record(manager, new OperatorActed('question.saved', objectOf(name), details));
      return read(manager, name, new PageQuery());
    });
  }

  async list({ cursor, limit }: PageQuery): Promise<QuestionPageDto> {
    const { manager } = this.dataSource;
    const rows = await manager.query<QuestionSummaryDto[]>(PAGE, [cursor ?? null, limit + 1]);
    const items = rows.slice(0, limit);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  }

  /** @throws DomainError question_not_found */
  get(name: string, query: PageQuery): Promise<SavedQuestionDto> {
    return read(this.dataSource.manager, name, query);
  }

  /** @throws DomainError question_not_found */
  delete(name: string): Promise<void> {
    return inTransaction(this.dataSource, async (manager) => {
      const { affected } = await manager.delete(AnalyticsQuestion, { name });
      if (affected !== 1) throw questionNotFound(name);
      await this.facts.record(manager, new OperatorActed('question.deleted', objectOf(name), {}));
    });
  }
}

export function questionNotFound(name: string): DomainError {
  return new DomainError('question_not_found', `No saved question ${name}`);
}

function objectOf(name: string): { type: string; id: string } {
  return { type: 'analytics_question', id: name };
}

/** A segment that is being filled for the first time can be answered about later. */
async function checkSegment(definition: AnyQuestion, manager: EntityManager): Promise<void> {
  const segment = definition instanceof FunnelDto ? definition.breakdown?.segment : undefined;
  if (segment === undefined) return;
  const [known] = await manager.query('select from segments where name = $1', [segment]);
  if (!known) throw new DomainError('segment_not_found', `No segment ${segment}`);
}

async function read(manager: EntityManager, name: string, query: PageQuery): Promise<SavedQuestionDto> {
  const question = await manager.findOneBy(AnalyticsQuestion, { name });
  if (!question) throw questionNotFound(name);
  const versions = manager.getRepository(AnalyticsQuestionVersion);
  const { items, nextCursor } = await findPage(versions, query, { questionId: question.id });
  return {
    name,
    versions: items.map(({ version, definition, createdBy, createdAt }) => {
      return { version, definition, createdBy, createdAt };
    }),
    nextCursor,
  };
}

const SAVE = `
  insert into analytics_questions (id, name, created_at) values ($1, $2, $3)
  on conflict (name) do update set name = excluded.name
  returning id`;

const PAGE = `
  select q.id, name, definition ->> 'kind' as kind, version, v.created_at as "savedAt"
  from analytics_questions q join lateral (
    select * from analytics_question_versions where question_id = q.id order by version desc limit 1
  ) as v on true
  where $1::uuid is null or q.id < $1
  order by q.id desc
  limit $2`;
