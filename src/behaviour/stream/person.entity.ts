import { Column, Entity, Generated, Index, PrimaryColumn, Unique } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** A person whose behaviour is known. An erasure removes the user; the number that stays identifies no one. */
@Entity('people')
@Unique('uq_people_user_id', ['userId'])
@Index('idx_people_is_emptying', ['personId'], { where: 'is_emptying' })
export class Person {
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'pk_people', transformer: bigintTransformer })
  @Generated('increment')
  personId: number;

  /** The MINGUS user. Null after an erasure. */
  @Column('text', { nullable: true })
  userId: string | null;

  /** Whether a job still empties the events of an erased person. */
  @Column('boolean', { default: false })
  isEmptying: boolean;
}
