/** A run that brings the persons of all customers to a connector. */
export class BackfillDto {
  id: string;
  connector: string;
  status: 'running' | 'complete' | 'cancelled';
  /** The last customer that was queued; a resumed run goes on after it. */
  position: string | null;
  /** How many customers were queued so far. */
  queued: number;
  createdAt: Date;
  updatedAt: Date;
  finishedAt: Date | null;
}
