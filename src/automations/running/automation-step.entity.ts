import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import type { StepKind } from '../definitions/definition.js';

/**
 * - `waited`: the time has passed. `came_true`, `timed_out`: of a wait for a rule.
 * - `queued`: a delivery or a message was queued. `set`: an attribute was set.
 * - `skipped`: the customer has no MINGUS user, so there is no one to send a message to.
 */
export type StepOutcome = 'waited' | 'came_true' | 'timed_out' | 'queued' | 'set' | 'skipped';

/** A step that has ended, written in the transaction of its effect. */
@Entity('automation_steps')
@Unique('uq_automation_steps_step', ['runId', 'step'])
export class AutomationStep {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_automation_steps' })
  id: string;

  @Column('uuid')
  @ForeignKey('AutomationRun', { name: 'fk_automation_steps_run', onDelete: 'CASCADE' })
  runId: string;

  @Column('integer')
  step: number;

  @Column('text')
  kind: StepKind;

  @Column('text')
  outcome: StepOutcome;

  /** The id of the delivery or of the message. */
  @Column('uuid', { nullable: true })
  effectId: string | null;

  @Column('timestamptz')
  endedAt: Date;
}
