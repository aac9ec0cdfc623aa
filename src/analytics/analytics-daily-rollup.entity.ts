import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../platform/database/bigint-transformer.js';

const PRIMARY_KEY = 'pk_analytics_daily_rollups';

/** Number of events of one name and source on a day (UTC). */
@Entity('analytics_daily_rollups')
export class AnalyticsDailyRollup {
  @PrimaryColumn('date', { primaryKeyConstraintName: PRIMARY_KEY })
  day: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  name: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  source: string;

  @Column('bigint', { transformer: bigintTransformer })
  count: number;
}
