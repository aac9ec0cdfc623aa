import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { plainToInstance } from 'class-transformer';
import { DataSource } from 'typeorm';
import { Answers, answerFrom } from '../asking/answers.service.js';
import { Clock } from '../../../platform/clock.js';
import type { AnswerDto } from '../asking/answer.dto.js';
import { AskDto, type AnyQuestion } from '../definitions/any-question.dto.js';
import type { Findings } from '../sql/question-context.js';
import { questionNotFound } from './saved-questions.service.js';

/** Answers saved questions: from the roll-up where there is one, else at once. */
@Injectable()
export class SavedAnswers {
  constructor(
    private readonly clock: Clock,
    private readonly answers: Answers,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError question_not_found, questions_busy, question_too_large */
  async answer(name: string, version?: number): Promise<AnswerDto> {
    const [stored] = await this.dataSource.manager.query<StoredQuestion[]>(FIND, [name, version ?? null]);
    if (!stored) throw questionNotFound(version ? `${name} in version ${version}` : name);
    const question = questionFrom(stored.definition);
    const { findings, asOf } = stored;
    const answer =
      findings && asOf ? answerFrom(question, findings, asOf) : await this.answers.answer(question);
    const ageSeconds = Math.max(0, (this.clock.now().getTime() - answer.asOf.getTime()) / 1000);
    return { ...answer, name, version: stored.version, ageSeconds };
  }
}

/** A question as it was stored, as an instance of its class. */
export function questionFrom(definition: AnyQuestion): AnyQuestion {
  return plainToInstance(AskDto, { definition }).definition;
}

interface StoredQuestion {
  version: number;
  definition: AnyQuestion;
  findings: Findings | null;
  asOf: Date | null;
}

const FIND = `
  select version, definition, findings, as_of as "asOf"
  from analytics_questions q
    join analytics_question_versions v on v.question_id = q.id
    left join analytics_rollups r on r.version_id = v.id
  where name = $1 and ($2::int is null or version = $2)
  order by version desc
  limit 1`;
