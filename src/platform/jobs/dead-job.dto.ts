/** A job that has failed as often as it may. */
export class DeadJobDto {
  id: string;
  task: string;
  attempts: number;
  /** What it failed with last, without personal data. */
  lastError: string | null;
  createdAt: Date;
  lastAttemptAt: Date;
}
