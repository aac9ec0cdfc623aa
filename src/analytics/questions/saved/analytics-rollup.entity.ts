import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { Findings } from '../sql/question-context.js';

/** The findings of a saved question, as the hourly job made them; without any until it has done so. */
@Entity('analytics_rollups')
export class AnalyticsRollup {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_analytics_rollups' })
  @ForeignKey('AnalyticsQuestionVersion', { name: 'fk_analytics_rollups_version', onDelete: 'CASCADE' })
  versionId: string;

  /** When the version was saved. */
  @Column('timestamptz')
  wantedAt: Date;

  /** All events that were stored at this time are counted. */
  @Column('timestamptz', { nullable: true })
  asOf: Date | null;

  @Column('jsonb', { nullable: true })
  findings: Findings | null;
}
