import { Column } from 'typeorm';

/** The columns of every stored object of Stripe that say which state is stored. */
export abstract class StripeState {
  /** The event with the stored state. */
  @Column('text')
  stripeEventId: string;

  /** The time of the stored state in Stripe: older events change nothing. */
  @Column('timestamptz')
  stateAt: Date;

  /** The type of that event; `api` when the state was fetched. */
  @Column('text')
  stateToldBy: string;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;
}
