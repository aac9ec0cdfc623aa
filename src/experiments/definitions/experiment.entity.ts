import { Check, Column, Entity, Generated, PrimaryColumn, Unique } from 'typeorm';
import type { Goal, Guardrail } from './goal.js';

/** No change leads back. */
export const EXPERIMENT_STATUSES = ['draft', 'running', 'stopped', 'decided'] as const;

/**
 * `running` assigns units. A `stopped` one assigns none, and its units keep their arms. The arms of a `decided` one have
 * no effect any more.
 */
export type ExperimentStatus = (typeof EXPERIMENT_STATUSES)[number];

/** A range [from, to) of the hash buckets (0 to 1) of a namespace. */
export interface NamespaceRange {
  name: string;
  from: number;
  to: number;
}

/** The end of an experiment. */
export interface ExperimentDecision {
  /** The key of the arm that won; null if none did. */
  arm: string | null;
  reason: string;
}

/** An A/B test. Its arms are in its phases. */
@Entity('experiments')
@Unique('uq_experiments_name', ['name'])
@Check('ck_experiments_status', `status in ('draft', 'running', 'stopped', 'decided')`)
export class Experiment {
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pk_experiments' })
  @Generated('increment')
  id: number;

  @Column('text')
  name: string;

  @Column('text')
  description: string;

  @Column('text')
  status: ExperimentStatus;

  /** Only units in this range take part; null for all. */
  @Column('jsonb', { nullable: true })
  namespace: NamespaceRange | null;

  /** Only members of this segment take part; null for all. */
  @Column('text', { nullable: true })
  segment: string | null;

  @Column('jsonb')
  goals: Goal[];

  @Column('jsonb')
  guardrails: Guardrail[];

  @Column('jsonb', { nullable: true })
  decision: ExperimentDecision | null;

  /** The name of the API key that defined it. */
  @Column('text', { nullable: true })
  createdBy: string | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  stoppedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  decidedAt: Date | null;
}
