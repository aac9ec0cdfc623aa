import { Column, Entity, Generated, PrimaryColumn, Unique } from 'typeorm';

/** A named group of customers. Its rule is in its versions. */
@Entity('segments')
@Unique('uq_segments_name', ['name'])
export class Segment {
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pk_segments' })
  @Generated('increment')
  id: number;

  @Column('text')
  name: string;

  @Column('text')
  description: string;

  /** The version that decides who is a member. Null until the first version is filled. */
  @Column('integer', { nullable: true })
  servingVersionId: number | null;

  @Column('timestamptz')
  createdAt: Date;
}
