import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** Why no mail goes to an address: it does not exist, its owner called it spam, or an operator said so. */
export type SuppressionReason = 'hard_bounce' | 'complaint' | 'manual';

export const SUPPRESSION_REASONS: readonly SuppressionReason[] = ['hard_bounce', 'complaint', 'manual'];

/** Finds those of the addresses ($1) that are suppressed now. */
export const SUPPRESSED_AMONG = `
  select address from suppressions where address = any($1) and coalesce(expires_at, 'infinity') > now()`;

/** An address that gets no mail. It outlives its customers. */
@Entity('suppressions')
@Unique('uq_suppressions_address', ['address'])
@Check('ck_suppressions_reason', `reason in ('hard_bounce', 'complaint', 'manual')`)
export class Suppression {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_suppressions' })
  id: string;

  /** As `normaliseAddress` spells it. */
  @Column('text')
  address: string;

  @Column('text')
  reason: SuppressionReason;

  /** Who told: `smtp 550 5.1.1`, `dsn 5.1.1`, `feedback_report`, `admin_api`. */
  @Column('text')
  source: string;

  @Column('timestamptz')
  createdAt: Date;

  /** Null is for ever. */
  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;
}
