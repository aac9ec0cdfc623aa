import { IsIn, IsOptional, MaxLength, MinDate } from 'class-validator';
import { IsMailAddress } from '../../platform/http/is-mail-address.decorator.js';
import { IsTime } from '../../platform/http/is-time.decorator.js';
import { PageQuery } from '../../platform/http/page.dto.js';
import { SUPPRESSION_REASONS, type SuppressionReason } from './suppression.entity.js';

/** Filters of the list of suppressed addresses. */
export class SuppressionsQuery extends PageQuery {
  /** Only this address, in any spelling. */
  @IsOptional()
  @IsMailAddress()
  address?: string;

  /** Only suppressions with this reason. */
  @IsOptional()
  @IsIn(SUPPRESSION_REASONS)
  reason?: SuppressionReason;
}

/** An address to suppress. */
export class AddSuppressionDto {
  @IsMailAddress()
  @MaxLength(254)
  address: string;

  /** The end of the suppression (ISO 8601). Without it, the suppression has no end. */
  @IsOptional()
  @IsTime()
  @MinDate(() => new Date(), { message: 'expiresAt must be in the future' })
  expiresAt?: Date;
}

/** An address that gets no mail. */
export class SuppressionDto {
  id: string;
  /** The address in lower case, with its domain in punycode. */
  address: string;
  reason: SuppressionReason;
  /**
   * The source, and the name of the evidence: `smtp 550 5.1.1 (user unknown)`, `dsn 5.1.1`,
   * `feedback_report`, `admin_api`.
   */
  source: string;
  createdAt: Date;
  /** Null if the suppression has no end. */
  expiresAt: Date | null;
}

export class SuppressionPageDto {
  items: SuppressionDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
