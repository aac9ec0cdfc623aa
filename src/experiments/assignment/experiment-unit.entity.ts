import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** How old an account of a user is when the user gets the first arm. */
export const USER_AGES = ['day', 'week', 'month', 'older'] as const;

export type UserAge = (typeof USER_AGES)[number];

/**
 * A MINGUS user with all arms: a creation adds at most one row. The three lists have the same length, and an element for
 * each experiment that the user takes part in.
 */
@Entity('experiment_units')
export class ExperimentUnit {
  /** A random one after an erasure. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_experiment_units' })
  userId: string;

  /** The first customer of the user that is still linked to it: only what it does counts. It stays after an erasure. */
  @Column('uuid', { nullable: true })
  customerId: string | null;

  /** The person of the stream of behaviour; null before an erasure, while the user id leads to the person. */
  @Column('bigint', { nullable: true, transformer: bigintTransformer })
  personId: number | null;

  @Column('integer', { array: true })
  phaseIds: number[];

  /** Places in the arms of the phases. */
  @Column('integer', { array: true })
  arms: number[];

  @Column('timestamptz', { array: true })
  assignedAt: Date[];

  /** Where the customer came from, at the first arm; null if the user was no customer yet. */
  @Column('text', { nullable: true })
  source: string | null;

  /** Of the address, at the first arm. */
  @Column('text', { nullable: true })
  country: string | null;

  @Column('text')
  userAge: UserAge;
}
