import { ApiProperty } from '@nestjs/swagger';

/** An event about a customer that has not been set up, with the decision made about it. */
export class StrayEventDto {
  stripeEventId: string;
  type: string;
  /** `rejected`, `unmatched`, `pending_user`, `fetching`, … */
  outcome: string;
  errorCode: string | null;
  errorMessage: string | null;
  /** The user id in the event. */
  mingusUserId: string | null;
  /** The mail address in the event, in the spelling used for comparisons; null when its body was removed. */
  email: string | null;
  receivedAt: Date;
  decidedAt: Date;
}

/** A Stripe customer that was not set up: only events about it are stored. */
export class StrayCustomerViewDto {
  stripeCustomerId: string;
  /** Always false: nothing was set up, and no message was sent. */
  @ApiProperty({ type: Boolean, enum: [false] })
  isSetUp: false;
  /** The outcome of the newest event. */
  outcome: string;
  errorCode: string | null;
  errorMessage: string | null;
  /** Newest first, at most 100. */
  events: StrayEventDto[];
}
