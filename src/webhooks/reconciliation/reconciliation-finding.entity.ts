import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

export type FindingKind = 'missing' | 'extra' | 'different';

/** `reported`: nothing was done about it. */
export type FindingResult = 'repaired' | 'unmatched' | 'failed' | 'reported';

/** One difference between Stripe and our tables: ids and names of fields, no values. */
@Entity('reconciliation_findings')
@Index('idx_reconciliation_findings_reconciliation', ['reconciliationId', 'id'])
@Check('ck_reconciliation_findings_kind', `kind in ('missing', 'extra', 'different')`)
@Check('ck_reconciliation_findings_result', `result in ('repaired', 'unmatched', 'failed', 'reported')`)
export class ReconciliationFinding {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_reconciliation_findings' })
  id: string;

  @Column('uuid')
  @ForeignKey('Reconciliation', { name: 'fk_reconciliation_findings_reconciliation', onDelete: 'CASCADE' })
  reconciliationId: string;

  @Column('text')
  kind: FindingKind;

  @Column('text')
  result: FindingResult;

  /** The inbox event it became, one of Stripe's or, for a listed customer, one of ours. */
  @Column('text', { nullable: true })
  stripeEventId: string | null;

  @Column('text', { nullable: true })
  stripeCustomerId: string | null;

  /** Which fields differ. */
  @Column('jsonb')
  fields: string[];

  /** Why it was not repaired. */
  @Column('text', { nullable: true })
  reason: string | null;
}
