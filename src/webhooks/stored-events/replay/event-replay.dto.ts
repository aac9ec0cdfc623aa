import { IsBoolean } from 'class-validator';
import type { EventOutcome } from '../../stripe/event-outcome.js';

/** How to replay. */
export class ReplayEventDto {
  /** Report what would change, and change nothing. */
  @IsBoolean()
  dryRun: boolean = false;
}

/** The changes of a replay; with `dryRun`, those that it would make. */
export class EventReplayDto {
  stripeEventId: string;
  dryRun: boolean;
  outcomeBefore: EventOutcome;
  /** The new outcome, which may equal the old one. */
  outcome: EventOutcome;
  /** Why the event has no effect; for a `created` event, why its customer cannot be repaired. */
  errorCode: string | null;
  /** Rows added or changed, by table. A change to all rows of a customer counts once. */
  rows: Record<string, number>;
  /** Jobs enqueued, by task. */
  jobs: Record<string, number>;
  /** The messages that the user has got already, as `<kind>/<channel>`. They are not sent again. */
  suppressedNotifications: string[];
}
