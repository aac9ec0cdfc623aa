import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The number of requests for a subject within an hour. */
@Entity('request_counts')
export class RequestCount {
  /** A digest of the counted address or network, so that the table does not show it. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_request_counts' })
  subject: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'pk_request_counts' })
  hour: Date;

  @Column('integer')
  count: number;
}
