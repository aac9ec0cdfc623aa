import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An automation. What it does is in its versions. */
@Entity('automations')
export class Automation {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_automations' })
  name: string;

  /** The version by which new runs go. */
  @Column('integer')
  version: number;

  /** While it is disabled, no run starts, and those under way wait. */
  @Column('boolean')
  enabled: boolean;

  /** Facts from this time on start runs. Null while it was never enabled. */
  @Column('timestamptz', { nullable: true })
  enabledAt: Date | null;

  /** Milestones that became overdue until then have started their runs. */
  @Column('timestamptz', { nullable: true })
  overdueUntil: Date | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;
}
