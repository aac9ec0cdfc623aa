import { PageQuery } from '../../platform/http/page.dto.js';

/** The page of the timeline of a customer. */
export class TimelineQuery extends PageQuery {}

/** One item of the timeline of a customer. */
export class TimelineItemDto {
  id: string;
  /**
   * `event`: an event of Stripe with its decision. `message`: a queued message. `attempt`: an attempt to send
   * a message. `lifecycle`: a change of stage. `revenue`: a movement of the monthly recurring revenue. `segment`: segments that the customer entered or left, also at its creation. `automation`: a run of an automation. `act`: an audit entry, such as an act of an operator or a
   * visit of the portal.
   */
  type: 'event' | 'message' | 'attempt' | 'lifecycle' | 'revenue' | 'segment' | 'automation' | 'act';
  /**
   * The type of the event, the kind of the message, the outcome of the attempt, the stage, the kind of the movement,
   * the cause of the change of segments, the automation, or the action.
   */
  what: string;
  at: Date;
  details: Record<string, unknown>;
}

export class TimelinePageDto {
  /** False if there are only events about the customer and none of them has set it up. */
  isSetUp: boolean;
  items: TimelineItemDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
