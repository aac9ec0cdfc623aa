import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** In this order; `done` when there is nothing left to list. */
export type Phase = 'undelivered_events' | 'events' | 'customers' | 'done';

/**
 * `complete` only when everything in the range was listed and nothing failed. An `incomplete`, `failed` or
 * `cancelled` one can be taken up again where it ended.
 */
export type ReconciliationStatus = 'running' | 'complete' | 'incomplete' | 'failed' | 'cancelled';

/** What came of comparing the objects of one list with what we have. */
export interface DriftCounts {
  checked: number;
  /** Stripe has it, we do not. */
  missing: number;
  /** We have it, Stripe does not. */
  extra: number;
  /** Both have it, not with the same fields. */
  different: number;
  /** Of those found: as in Stripe by now. */
  repaired: number;
  /** Not set up as customers: no user id, a user unknown to MINGUS so far, or invalid. */
  unmatched: number;
  /** Of those found: that could not be repaired. */
  failed: number;
}

export const NO_DRIFT: DriftCounts = {
  checked: 0,
  missing: 0,
  extra: 0,
  different: 0,
  repaired: 0,
  unmatched: 0,
  failed: 0,
};

/** A comparison of Stripe's lists of events and customers with our tables, with how far it has come. */
@Entity('reconciliations')
@Index('uq_reconciliations_running', ['dryRun'], { unique: true, where: `status = 'running'` })
@Check('ck_reconciliations_source', `source in ('admin_api', 'cli', 'schedule')`)
@Check('ck_reconciliations_status', `status in ('running', 'complete', 'incomplete', 'failed', 'cancelled')`)
@Check('ck_reconciliations_phase', `phase in ('undelivered_events', 'events', 'customers', 'done')`)
export class Reconciliation {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_reconciliations' })
  id: string;

  @Column('text')
  source: 'admin_api' | 'cli' | 'schedule';

  /** Only what Stripe created at or after this time; null for all there is. */
  @Column('timestamptz', { nullable: true })
  since: Date | null;

  /** Only what Stripe created up to this time. */
  @Column('timestamptz')
  until: Date;

  /** Whether people are told of what is found of them. */
  @Column('boolean')
  notify: boolean;

  /** Report only. */
  @Column('boolean')
  dryRun: boolean;

  @Column('text')
  status: ReconciliationStatus;

  /** Why it is not complete, in one word. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** Which list it is at. */
  @Column('text')
  phase: Phase;

  /** The last object of the list that has been dealt with. */
  @Column('text', { nullable: true })
  position: string | null;

  @Column('timestamptz', { nullable: true })
  positionCreatedAt: Date | null;

  /** Pages dealt with. Whoever has dealt with one that is not the next was too late. */
  @Column('integer')
  pages: number;

  @Column('jsonb')
  counts: { events: DriftCounts; customers: DriftCounts };

  @Column('timestamptz')
  createdAt: Date;

  /** When it last came forward. */
  @Column('timestamptz')
  updatedAt: Date;

  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;
}
