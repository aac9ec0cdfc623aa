import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A job worker's sign of life, on the database's clock. */
@Entity('job_workers')
export class JobWorker {
  /** The name under which the job engine locks jobs. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_job_workers' })
  workerId: string;

  @Column('timestamptz')
  lastHeartbeatAt: Date;
}
