import { PageQuery } from '../../platform/http/page.dto.js';

/** Which part of a customer's timeline. */
export class TimelineQuery extends PageQuery {}

/** One thing that happened to a customer. */
export class TimelineItemDto {
  id: string;
  /** `event`: of Stripe, with its decision. `message`: one was queued. `attempt`: one was tried. `lifecycle`: a change of stage. `act`: what the audit tells, acts of operators and visits of the portal among it. */
  type: 'event' | 'message' | 'attempt' | 'lifecycle' | 'act';
  /** In one word: the event's type, the message's kind, what came of the try, the stage, the action. */
  what: string;
  at: Date;
  details: Record<string, unknown>;
}

export class TimelinePageDto {
  items: TimelineItemDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
