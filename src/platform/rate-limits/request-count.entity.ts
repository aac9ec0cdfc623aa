import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How often something was asked for within an hour. */
@Entity('request_counts')
export class RequestCount {
  /** A digest: what is counted (an address, a network) is not to be read here. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_request_counts' })
  subject: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'pk_request_counts' })
  hour: Date;

  @Column('integer')
  count: number;
}
