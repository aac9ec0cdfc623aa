import { IsOptional, IsString, MaxLength, NotContains } from 'class-validator';
import { LimitQuery } from '../../platform/http/page.dto.js';

/** The query parameters of the list of leads. */
export class LeadsQuery extends LimitQuery {
  /** The `nextCursor` of the previous page. */
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  @NotContains('\0', { message: 'cursor must not contain NUL' })
  cursor?: string;
}

/** A milestone of a lead. */
export class LeadMilestoneDto {
  milestone: string;
  /** When the user reached it: the earliest time that MINGUS reported. */
  reachedAt: Date;
  /** When that was recorded here. */
  recordedAt: Date;
}

/** A MINGUS user without a customer. */
export class LeadDto {
  userId: string;
  /** When the user joined MINGUS; 1970 if that is unknown. */
  createdAt: Date;
  /** What MINGUS has reported of the user, earliest first. */
  milestones: LeadMilestoneDto[];
}

export class LeadsPageDto {
  items: LeadDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
