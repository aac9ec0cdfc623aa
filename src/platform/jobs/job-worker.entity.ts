import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last heartbeat of a job worker, by the clock of the database. */
@Entity('job_workers')
export class JobWorker {
  /** The name under which the job engine locks jobs. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_job_workers' })
  workerId: string;

  @Column('timestamptz')
  lastHeartbeatAt: Date;
}
