import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** A question that is kept under a name. Its definitions are in its versions. */
@Entity('analytics_questions')
@Unique('uq_analytics_questions_name', ['name'])
export class AnalyticsQuestion {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_analytics_questions' })
  id: string;

  @Column('text')
  name: string;

  @Column('timestamptz')
  createdAt: Date;
}
