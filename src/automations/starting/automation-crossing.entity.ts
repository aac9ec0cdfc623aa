import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A customer whose score is beyond the value of an automation, so that the next crossing is noticed. */
@Entity('automation_crossings')
@Index('idx_automation_crossings_customer_id', ['customerId'])
export class AutomationCrossing {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_automation_crossings' })
  automation: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_automation_crossings' })
  customerId: string;

  /** When it was noticed. */
  @Column('timestamptz')
  crossedAt: Date;
}
