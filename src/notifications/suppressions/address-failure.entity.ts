import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';

/** A refused message whose refusal gives no clear reason. Several of them count as evidence against the address. */
@Entity('address_failures')
@Unique('uq_address_failures_address_notification_id', ['address', 'notificationId'])
export class AddressFailure {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_address_failures' })
  id: string;

  /** Normalised by `normaliseAddress`. */
  @Column('text')
  address: string;

  @Column('uuid')
  @ForeignKey('Notification', { name: 'fk_address_failures_notification', onDelete: 'CASCADE' })
  notificationId: string;

  /** The source with its codes: `smtp 550`, `dsn 5.0.0`. */
  @Column('text')
  source: string;

  @Column('timestamptz')
  failedAt: Date;
}
