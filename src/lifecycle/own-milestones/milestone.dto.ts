import { IsISO8601, IsOptional, IsString, Matches } from 'class-validator';

const WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** A milestone that a user has reached in MINGUS. */
export class ReportMilestoneDto {
  /** One of the names in `MILESTONES`. */
  @IsString()
  @Matches(/^[a-z][a-z0-9_]{0,39}$/, { message: 'milestone must be a name such as first_login' })
  milestone: string;

  /** When the user reached it (ISO 8601 with a time zone). Default: now. */
  @IsOptional()
  @IsISO8601({ strict: true })
  @Matches(WITH_ZONE, { message: 'occurredAt must be a time with a zone, such as 2026-01-31T12:00:00Z' })
  occurredAt?: string;
}

export class CustomerMilestoneDto {
  stripeCustomerId: string;
  /** The earliest time that was reported. */
  reachedAt: Date;
  /** False if the milestone was stored already, with this or an earlier time: nothing changed. */
  isNew: boolean;
}

export class ReportedMilestoneDto {
  milestone: string;
  /** The earliest time that was reported of the user. */
  reachedAt: Date;
  /** False if this or an earlier time had been reported of the user already. */
  isNew: boolean;
  /** The user's customers, without deleted ones. Customers that the user gets later have the milestone as well. */
  customers: CustomerMilestoneDto[];
}
