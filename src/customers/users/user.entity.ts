import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A MINGUS user, registered by MINGUS with `POST /admin/users`. */
@Entity('users')
export class User {
  /** MINGUS defines the format. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_users' })
  id: string;

  @Column('text')
  email: string;

  @Column('text', { nullable: true })
  name: string | null;

  @Column('timestamptz')
  createdAt: Date;
}
