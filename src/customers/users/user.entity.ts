import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A MINGUS user, announced by MINGUS through `POST /admin/users`. */
@Entity('users')
export class User {
  /** MINGUS decides its format. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_users' })
  id: string;

  @Column('text')
  email: string;

  @Column('text', { nullable: true })
  name: string | null;

  @Column('timestamptz')
  createdAt: Date;
}
