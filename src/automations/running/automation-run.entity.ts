import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/**
 * - `running`: its next step is due.
 * - `waiting`: the present step waits.
 * - `done`: all steps have ended. `stopped`: the customer left, with the reason. `failed`: with a code.
 */
export const RUN_STATES = ['running', 'waiting', 'done', 'stopped', 'failed'] as const;

export type RunState = (typeof RUN_STATES)[number];

/** A customer on its way through an automation. Its key is unique for ever, so that nothing starts it twice. */
@Entity('automation_runs')
@Unique('uq_automation_runs_start', ['automation', 'customerId', 'occurrence'])
@Index('idx_automation_runs_due_at', ['automation', 'dueAt'], { where: 'due_at is not null' })
@Index('idx_automation_runs_customer_id', ['customerId'])
@Index('idx_automation_runs_failed', ['automation', 'id'], { where: `state = 'failed'` })
@Check('ck_automation_runs_state', `state in ('running', 'waiting', 'done', 'stopped', 'failed')`)
export class AutomationRun {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_automation_runs' })
  id: string;

  @Column('text')
  automation: string;

  /** Of the definition, for the whole run. */
  @Column('integer')
  version: number;

  @Column('uuid')
  customerId: string;

  /** What started it: the id of a fact, a time, or `once` for an automation that customers pass through once. */
  @Column('text')
  occurrence: string;

  @Column('text')
  state: RunState;

  /** Why it stopped or failed, in one word. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** The index of the step that comes next, or waits. */
  @Column('integer')
  step: number;

  /** When it is looked at again; null once it has ended. */
  @Column('timestamptz', { nullable: true })
  dueAt: Date | null;

  /** When a wait for a rule ends at the latest; null while it does not wait for one. */
  @Column('timestamptz', { nullable: true })
  waitsUntil: Date | null;

  /** Attempts of the present step that an error has ended. */
  @Column('integer')
  attempts: number;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;

  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;
}
