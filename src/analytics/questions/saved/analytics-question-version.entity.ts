import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import type { AnyQuestion } from '../definitions/any-question.dto.js';

/** A definition of a saved question. It never changes. */
@Entity('analytics_question_versions')
@Unique('uq_analytics_question_versions_version', ['questionId', 'version'])
export class AnalyticsQuestionVersion {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_analytics_question_versions' })
  id: string;

  @Column('uuid')
  @ForeignKey('AnalyticsQuestion', {
    name: 'fk_analytics_question_versions_question',
    onDelete: 'CASCADE',
  })
  questionId: string;

  /** 1 for the first version of its question. */
  @Column('integer')
  version: number;

  /** As it was validated, with all defaults. */
  @Column('jsonb')
  definition: AnyQuestion;

  /** The name of the API key that saved it. */
  @Column('text', { nullable: true })
  createdBy: string | null;

  @Column('timestamptz')
  createdAt: Date;
}
