import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/**
 * A report of a mail system that could not be read. It is kept until an operator removes it or its retention
 * ends.
 */
@Entity('unread_mail_reports')
@Unique('uq_unread_mail_reports_digest', ['digest'])
@Index('idx_unread_mail_reports_customer_id', ['customerId'])
export class UnreadMailReport {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_unread_mail_reports' })
  id: string;

  /** SHA-256 of the mail, in hex. A mail that is received again is stored once. */
  @Column('text')
  digest: string;

  /** `malformed_report`: its fields name no recipient or no result. `unreadable_report`: its form is unknown. */
  @Column('text')
  reason: string;

  /** The customer that the message was sent to, if the report names the message. */
  @Column('uuid', { nullable: true })
  @ForeignKey('Customer', { name: 'fk_unread_mail_reports_customer', onDelete: 'CASCADE' })
  customerId: string | null;

  @Column('uuid', { nullable: true })
  notificationId: string | null;

  @Column('text')
  sender: string;

  @Column('text')
  subject: string;

  /** All addresses in the report, normalised by `normaliseAddress`. */
  @Column('text', { array: true })
  addresses: string[];

  /** The mail as received, cut after 64 KB. */
  @Column('text')
  body: string;

  @Column('timestamptz')
  receivedAt: Date;
}
