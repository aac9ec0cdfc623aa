import { IsBoolean } from 'class-validator';
import { IsOmittable } from '../../platform/http/is-omittable.decorator.js';

/** How a backfill is done. */
export class StartBackfillDto {
  /** Also write persons whose fields have not changed since they were written last. */
  @IsOmittable()
  @IsBoolean()
  force?: boolean;
}

/** A run that brings the persons of all customers to a connector. */
export class BackfillDto {
  id: string;
  connector: string;
  status: 'running' | 'complete' | 'cancelled';
  /** The last customer that was queued; a resumed run goes on after it. */
  position: string | null;
  /** How many customers were queued so far. */
  queued: number;
  /** Whether unchanged persons are written as well. */
  isForced: boolean;
  createdAt: Date;
  updatedAt: Date;
  finishedAt: Date | null;
}
