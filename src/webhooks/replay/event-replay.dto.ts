import { IsBoolean } from 'class-validator';
import type { EventOutcome } from '../decision/event-outcome.js';

/** How to replay. */
export class ReplayEventDto {
  /** Tell what would change, and change nothing. */
  @IsBoolean()
  dryRun: boolean = false;
}

/** What the replay of an event changed, or with `dryRun` would change. */
export class EventReplayDto {
  stripeEventId: string;
  dryRun: boolean;
  outcomeBefore: EventOutcome;
  /** The same as before where nothing else is known by now. */
  outcome: EventOutcome;
  /** Why nothing came of the event; for a `created` one, why its customer cannot be repaired. */
  errorCode: string | null;
  /** Rows added or changed, by table. A change to all rows of a customer counts once. */
  rows: Record<string, number>;
  /** Jobs enqueued, by task. */
  jobs: Record<string, number>;
  /** What the user has been sent already, as `<kind>/<channel>`: it is not sent again. */
  suppressedNotifications: string[];
}
