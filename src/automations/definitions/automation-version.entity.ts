import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Definition } from './definition.js';

/** A definition of an automation. It never changes, and runs keep theirs. */
@Entity('automation_versions')
export class AutomationVersion {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_automation_versions' })
  automation: string;

  /** 1 for the first one. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pk_automation_versions' })
  version: number;

  @Column('jsonb')
  definition: Definition;

  /** The name of the API key that saved it. */
  @Column('text', { nullable: true })
  createdBy: string | null;

  @Column('timestamptz')
  createdAt: Date;
}
