import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

export type FindingKind = 'missing' | 'extra' | 'different';

/** `reported`: the difference was not repaired. */
export type FindingResult = 'repaired' | 'unmatched' | 'failed' | 'reported';

/** One difference between Stripe and the stored data: ids and field names, no values. */
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

  /** The inbox event about the difference: one of Stripe's or, for a listed customer, one of ours. */
  @Column('text', { nullable: true })
  stripeEventId: string | null;

  @Column('text', { nullable: true })
  stripeCustomerId: string | null;

  /** The subscription, invoice or dispute that differs; null if the customer itself or an event does. */
  @Column('text', { nullable: true })
  stripeObjectId: string | null;

  /** The names of the fields that differ. */
  @Column('jsonb')
  fields: string[];

  /** Why the difference was not repaired. */
  @Column('text', { nullable: true })
  reason: string | null;
}
