import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { Findings } from '../sql/question-context.js';

/** The findings of a saved question, as the hourly job made them. */
@Entity('analytics_rollups')
export class AnalyticsRollup {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_analytics_rollups' })
  @ForeignKey('AnalyticsQuestionVersion', { name: 'fk_analytics_rollups_version', onDelete: 'CASCADE' })
  versionId: string;

  /** All events that were stored at this time are counted. */
  @Column('timestamptz')
  asOf: Date;

  @Column('jsonb')
  findings: Findings;
}
