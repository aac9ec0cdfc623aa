import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { MrrMovementKind } from '../../events/subscriptions/mrr-moved.event.js';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

const PRIMARY_KEY = 'pk_mrr_days';

/** The sum of the movements of a day, without those that were stored after `revenue_checks.summed_up_to`. */
@Entity('mrr_days')
export class MrrDay {
  /** UTC. */
  @PrimaryColumn('date', { primaryKeyConstraintName: PRIMARY_KEY })
  day: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  currency: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  kind: MrrMovementKind;

  @Column('bigint', { transformer: bigintTransformer })
  amountMinor: number;

  @Column('integer')
  movements: number;
}
