import { Column, Entity, Generated, PrimaryColumn, Unique } from 'typeorm';
import { bigintTransformer } from '../../platform/database/bigint-transformer.js';

/** A person whose behaviour is known. An erasure removes the user; the number that stays identifies no one. */
@Entity('people')
@Unique('uq_people_user_id', ['userId'])
export class Person {
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'pk_people', transformer: bigintTransformer })
  @Generated('increment')
  personId: number;

  /** The MINGUS user. Null after an erasure. */
  @Column('text', { nullable: true })
  userId: string | null;
}
