import { Type } from 'class-transformer';
import { IsDate, IsEmail, IsIn, IsOptional, MaxLength, MinDate } from 'class-validator';
import { PageQuery } from '../../platform/http/page.dto.js';
import { SUPPRESSION_REASONS, type SuppressionReason } from './suppression.entity.js';

/** Filters of the list of suppressed addresses. */
export class SuppressionsQuery extends PageQuery {
  /** Only this address, however it is spelled. */
  @IsOptional()
  @IsEmail()
  address?: string;

  /** Only those with this reason. */
  @IsOptional()
  @IsIn(SUPPRESSION_REASONS)
  reason?: SuppressionReason;
}

/** An address that shall get no mail any more. */
export class AddSuppressionDto {
  @IsEmail()
  @MaxLength(254)
  address: string;

  /** Until when (ISO 8601); for ever when missing. */
  @IsOptional()
  @IsDate()
  @MinDate(() => new Date(), { message: 'expiresAt must be in the future' })
  @Type(() => Date)
  expiresAt?: Date;
}

/** An address that gets no mail. */
export class SuppressionDto {
  id: string;
  /** In lower case, its domain in punycode. */
  address: string;
  reason: SuppressionReason;
  /** Who told: `smtp 550 5.1.1`, `dsn 5.1.1`, `feedback_report`, `admin_api`. */
  source: string;
  createdAt: Date;
  /** Null is for ever. */
  expiresAt: Date | null;
}

export class SuppressionPageDto {
  items: SuppressionDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
