import { Check, Column, Entity, Index, PrimaryColumn, type ValueTransformer } from 'typeorm';

/** The phases. `done`: all lists are settled. */
export type Phase = 'undelivered_events' | ListName | 'done';

/** The lists of Stripe that are compared. */
export type ListName = 'events' | 'customers' | 'subscriptions' | 'invoices' | 'disputes';

/**
 * `complete` only if everything in the range was listed and nothing failed. A run that is `incomplete`,
 * `failed` or `cancelled` can be resumed from its position.
 */
export type ReconciliationStatus = 'running' | 'complete' | 'incomplete' | 'failed' | 'cancelled';

/** The result of comparing the objects of one list with the stored ones. */
export interface DriftCounts {
  checked: number;
  /** Objects in Stripe that are not stored. */
  missing: number;
  /** Stored objects that Stripe does not have. */
  extra: number;
  /** Objects with different fields. */
  different: number;
  /** Differences that were repaired. */
  repaired: number;
  /** Objects that are not set up as customers: without a user id, with an unknown user, or invalid. */
  unmatched: number;
  /** Differences that could not be repaired. */
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

export const NO_COUNTS: Readonly<Record<ListName, DriftCounts>> = {
  events: NO_DRIFT,
  customers: NO_DRIFT,
  subscriptions: NO_DRIFT,
  invoices: NO_DRIFT,
  disputes: NO_DRIFT,
};

/** Comparisons of earlier releases have no counts of some lists. */
const countsTransformer: ValueTransformer = {
  to: (counts: unknown) => counts,
  from: (counts: Partial<Record<ListName, DriftCounts>>) => ({ ...NO_COUNTS, ...counts }),
};

/** A comparison of Stripe's lists with our tables, with its progress. */
@Entity('reconciliations')
@Index('uq_reconciliations_running', ['dryRun'], { unique: true, where: `status = 'running'` })
@Check('ck_reconciliations_source', `source in ('admin_api', 'cli', 'schedule')`)
@Check('ck_reconciliations_status', `status in ('running', 'complete', 'incomplete', 'failed', 'cancelled')`)
@Check(
  'ck_reconciliations_phase',
  `phase in ('undelivered_events', 'events', 'customers', 'subscriptions', 'invoices', 'disputes', 'done')`,
)
export class Reconciliation {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_reconciliations' })
  id: string;

  @Column('text')
  source: 'admin_api' | 'cli' | 'schedule';

  /** Only objects that Stripe created at or after this time; null for all. */
  @Column('timestamptz', { nullable: true })
  since: Date | null;

  /** Only objects that Stripe created up to this time. */
  @Column('timestamptz')
  until: Date;

  /** Whether customers that are set up get their welcome messages. */
  @Column('boolean')
  notify: boolean;

  /** Report the differences and change nothing. */
  @Column('boolean')
  dryRun: boolean;

  @Column('text')
  status: ReconciliationStatus;

  /** Why the comparison is not complete, in one word. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** The list that is being compared. */
  @Column('text')
  phase: Phase;

  /** The last object of the list that was settled. */
  @Column('text', { nullable: true })
  position: string | null;

  @Column('timestamptz', { nullable: true })
  positionCreatedAt: Date | null;

  /**
   * The number of settled pages. A process that settles a page that another process has settled writes
   * nothing.
   */
  @Column('integer')
  pages: number;

  @Column('jsonb', { transformer: countsTransformer })
  counts: Record<ListName, DriftCounts>;

  @Column('timestamptz')
  createdAt: Date;

  /** The time of the last progress. */
  @Column('timestamptz')
  updatedAt: Date;

  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;
}
