import { ApiProperty } from '@nestjs/swagger';
import { IsObject, IsOptional, IsString, Length, Matches } from 'class-validator';
import { IsTime } from '../../platform/http/is-time.decorator.js';
import { PageQuery } from '../../platform/http/page.dto.js';

/** A rule to try, or to define. */
export class RuleDto {
  /** A tree of `all`, `any` and `not` over conditions (docs/segments.md). */
  @IsObject()
  @ApiProperty({ type: Object, example: { all: [{ type: 'stage', in: ['active'] }] } })
  rule: Record<string, unknown>;
}

/** A new segment. */
export class DefineSegmentDto extends RuleDto {
  /** Lower-case letters, digits, `-` and `_`. It stays. */
  @IsString()
  @Matches(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  name: string;

  /** What the segment is for. */
  @IsOptional()
  @IsString()
  @Length(0, 500)
  description: string = '';
}

/** An edit. A changed rule makes a version; the old version serves until the new one is filled. */
export class EditSegmentDto {
  @IsOptional()
  @IsObject()
  @ApiProperty({ type: Object, required: false })
  rule?: Record<string, unknown>;

  @IsOptional()
  @IsString()
  @Length(0, 500)
  description?: string;
}

/** A version of a segment's rule. */
export class SegmentVersionDto {
  /** 1 for the first. */
  version: number;
  rule: object;
  /** `filling` until all customers are decided, `retired` once a later version serves. */
  status: 'filling' | 'serving' | 'retired';
  /** The name of the key that defined it; null for a command. */
  createdBy: string | null;
  createdAt: Date;
  servedFrom: Date | null;
  servedUntil: Date | null;
}

/** What is wrong with a rule, and where. */
export class RuleProblemDto {
  /** The place in the rule, e.g. `all[1].key`. */
  path: string;
  code: string;
  detail: string;
}

/** Something that needs a segment. */
export class SegmentUserDto {
  /**
   * `segment`: its rule mentions the segment. `message_kind`: `MESSAGE_AUDIENCES` limits the kind of message to the
   * members. `question`: a saved question is about the segment. `experiment`: it is limited to the members.
   * `automation`: it is about the segment.
   */
  type: 'segment' | 'message_kind' | 'question' | 'experiment' | 'automation';
  name: string;
}

/** A segment with its versions. */
export class SegmentDto {
  name: string;
  description: string;
  createdAt: Date;
  /** The members of the serving version; null until one serves. */
  members: number | null;
  /** The problems of a rule that can no longer be evaluated. The segment keeps its last members then. */
  brokenBecause: RuleProblemDto[];
  /** What needs it. It cannot be deleted while there is anything. */
  usedBy: SegmentUserDto[];
  /** Newest first. */
  versions: SegmentVersionDto[];
}

/** A customer in a list of members. */
export class SegmentMemberDto {
  customerId: string;
  stripeCustomerId: string;
  /** When the condition became true; null in a preview. */
  since: Date | null;
}

/** Who would be a member. */
export class SegmentPreviewDto {
  /** The number of customers that would be members now. */
  count: number;
  /** All customers that are not deleted. */
  customers: number;
  /** At most ten of them, newest first. */
  sample: SegmentMemberDto[];
}

/** The members to list. */
export class MembersQuery extends PageQuery {
  /** As it was at this time; now if missing. */
  @IsOptional()
  @IsTime()
  at?: Date;

  /** As it was known at this time, by the version that served then; by everything known now if missing. */
  @IsOptional()
  @IsTime()
  knownAt?: Date;
}

export class SegmentMemberPageDto {
  items: SegmentMemberDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

/** Why a customer is in a segment, or is not. */
export class MembershipDto {
  segment: string;
  /** Null while no version serves. */
  version: number | null;
  stripeCustomerId: string;
  isMember: boolean;
  /** Since when the customer is, or is not, a member. Null for a customer that never entered. */
  since: Date | null;
  /** When this service knew. */
  recordedAt: Date | null;
  /** The fact that caused the last change: `customer.created`, `subscription.changed`, …; `time`, or `definition`. */
  cause: string | null;
  /** The event of Stripe behind it, if there is one. */
  stripeEventId: string | null;
  /** When time alone may change one of the customer's memberships next. */
  nextEvaluationAt: Date | null;
  /** The rule with the truth of each condition now, and the value that was seen. Null if `unexplained` says why. */
  @ApiProperty({ type: Object, nullable: true })
  explanation: object | null;
  /**
   * Why there is no explanation. `not_serving`: no version serves yet. `rule_broken`: the rule cannot be evaluated any
   * more, so the members stay. `customer_deleted`: deleted customers are members of nothing.
   */
  unexplained: 'not_serving' | 'rule_broken' | 'customer_deleted' | null;
  /** What is wrong with a broken rule. */
  brokenBecause: RuleProblemDto[];
  /** Names of events of which the explanation counts only the newest 10,000. The membership is decided by all. */
  partlyCounted: string[];
}
