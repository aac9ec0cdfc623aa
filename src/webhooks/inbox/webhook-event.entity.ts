import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { EventOutcome } from '../stripe/event-outcome.js';

/** The inbox: every verified event with the decision about it. */
@Entity('webhook_events')
@Unique('uq_webhook_events_stripe_event_id', ['stripeEventId'])
@Index('idx_webhook_events_outcome_id', ['outcome', 'id'], { where: `outcome <> 'created'` })
@Index('idx_webhook_events_customer_id', ['customerId', 'id'], { where: 'customer_id is not null' })
@Index('idx_webhook_events_pending_user', ['mingusUserId'], { where: `outcome = 'pending_user'` })
@Index('idx_webhook_events_waiting_customer', ['stripeCustomerId'], {
  where: `outcome in ('unmatched', 'pending_user')`,
})
@Index('idx_webhook_events_pending_customer', ['stripeCustomerId'], { where: `outcome = 'pending_customer'` })
@Index('idx_webhook_events_person_erased', ['stripeCustomerId'], { where: `error_code = 'person_erased'` })
@Index('idx_webhook_events_object_deleted', ['stripeCustomerId'], { where: `error_code = 'object_deleted'` })
@Index('idx_webhook_events_email', ['email', 'id'], { where: 'email is not null' })
@Index('idx_webhook_events_stray_customer', ['stripeCustomerId', 'id'], {
  where: 'customer_id is null and stripe_customer_id is not null',
})
@Index('idx_webhook_events_stray_user', ['mingusUserId', 'id'], {
  where: 'customer_id is null and mingus_user_id is not null',
})
@Check(
  'ck_webhook_events_outcome',
  `outcome in ('created', 'updated', 'deleted', 'duplicate', 'stale', 'rejected', 'unmatched', 'pending_user', 'pending_customer', 'fetching', 'ignored')`,
)
export class WebhookEvent {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_webhook_events' })
  id: string;

  @Column('text')
  stripeEventId: string;

  @Column('text')
  type: string;

  @Column('boolean', { nullable: true })
  livemode: boolean | null;

  @Column('text', { nullable: true })
  apiVersion: string | null;

  @Column('text', { nullable: true })
  account: string | null;

  @Column('text', { nullable: true })
  requestId: string | null;

  @Column('timestamptz', { nullable: true })
  stripeCreatedAt: Date | null;

  @Column('text')
  outcome: EventOutcome;

  /** Why the event was not `created`: a stable code, and the text of the answer. */
  @Column('text', { nullable: true })
  errorCode: string | null;

  @Column('text', { nullable: true })
  errorMessage: string | null;

  @Column('text', { nullable: true })
  stripeCustomerId: string | null;

  @Column('text', { nullable: true })
  mingusUserId: string | null;

  /**
   * The email address in the object, normalised for comparison, unless its customer has this address. Kept as
   * long as the body.
   */
  @Column('text', { nullable: true })
  email: string | null;

  /** The customer this event created, or the one it is a duplicate of. */
  @Column('uuid', { nullable: true })
  customerId: string | null;

  /** The reconciliation that found it; null when Stripe delivered it. */
  @Column('uuid', { nullable: true })
  reconciliationId: string | null;

  /** Whether the customer gets messages about the effect of the event, also after a later decision. */
  @Column('boolean', { default: true })
  notify: boolean;

  /**
   * The exact raw body; not kept for ignored events. Its type is `text`, because jsonb cannot hold all JSON.
   */
  @Column('text', { nullable: true })
  body: string | null;

  @Column('timestamptz')
  receivedAt: Date;

  /**
   * When the event was decided first. Later decisions (a replay, the arrival of the user) change only
   * `decidedAt`.
   */
  @Column('timestamptz', { nullable: true })
  firstDecidedAt: Date | null;

  @Column('timestamptz')
  decidedAt: Date;
}
