import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** Why an address gets no mail: it does not exist, its owner reported spam, or an operator suppressed it. */
export type SuppressionReason = 'hard_bounce' | 'complaint' | 'manual';

export const SUPPRESSION_REASONS: readonly SuppressionReason[] = ['hard_bounce', 'complaint', 'manual'];

/** Finds which of the addresses ($1) are suppressed now. */
export const SUPPRESSED_AMONG = `
  select address from suppressions where address = any($1) and coalesce(expires_at, 'infinity') > now()`;

/** An address that gets no mail. The row stays when its customers are deleted. */
@Entity('suppressions')
@Unique('uq_suppressions_address', ['address'])
@Check('ck_suppressions_reason', `reason in ('hard_bounce', 'complaint', 'manual')`)
export class Suppression {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_suppressions' })
  id: string;

  /** Normalised by `normaliseAddress`. */
  @Column('text')
  address: string;

  @Column('text')
  reason: SuppressionReason;

  /**
   * The source, and the name of the evidence: `smtp 550 5.1.1 (user unknown)`, `dsn 5.1.1`,
   * `feedback_report`, `admin_api`.
   */
  @Column('text')
  source: string;

  @Column('timestamptz')
  createdAt: Date;

  /** Null if the suppression has no end. */
  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;
}
