/** A job that has used all its attempts. */
export class DeadJobDto {
  id: string;
  task: string;
  attempts: number;
  /** The last error, without personal data. */
  lastError: string | null;
  createdAt: Date;
  lastAttemptAt: Date;
}
