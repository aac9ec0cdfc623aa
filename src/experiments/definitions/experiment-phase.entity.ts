import { Column, Entity, Generated, PrimaryColumn, Unique } from 'typeorm';
import type { Arm } from './arm.js';

/**
 * The weights, the coverage and the seed by which units are assigned. New weights make a new phase, for new units only: a
 * unit keeps the arm of the phase in which it was assigned.
 */
@Entity('experiment_phases')
@Unique('uq_experiment_phases_experiment_id_number', ['experimentId', 'number'])
export class ExperimentPhase {
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pk_experiment_phases' })
  @Generated('increment')
  id: number;

  @Column('integer')
  experimentId: number;

  /** 1 for the first phase. */
  @Column('integer')
  number: number;

  /** Of the hash. */
  @Column('text')
  seed: string;

  /** The first one is the control. All phases of an experiment have the same keys in the same order. */
  @Column('jsonb')
  arms: Arm[];

  /** The share of the units that take part, 0 to 1. It can only grow within the phase. */
  @Column('double precision')
  coverage: number;

  /** Null while the experiment is a draft. */
  @Column('timestamptz', { nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;
}
