import { Type } from 'class-transformer';
import { IsDate, IsIn, IsOptional, MaxDate, MaxLength, MinDate, MinLength } from 'class-validator';
import { ALERT_NAMES, type AlertName } from '../../platform/config/alert-thresholds.js';
import { PageQuery } from '../../platform/http/page.dto.js';

const SILENCE_MAX_MS = 90 * 86_400_000;

/** An alert, and how it stands. */
export class AlertDto {
  /** `high_error_rate`, `notification_failures`, … */
  name: string;
  title: string;
  severity: 'critical' | 'warning';
  /** Whether it is looked at (`ALERT_RULES`). */
  enabled: boolean;
  /** `resolved` and `inactive` are both well; `resolved` has fired before. */
  state: 'inactive' | 'pending' | 'firing' | 'resolved';
  /** Since when it is in this state; null before the first evaluation. */
  since: Date | null;
  /** As measured last, in the alert's own unit: a share, seconds, a count, or 1 for yes. */
  value: number;
  /** The value in words. */
  detail: string;
  /** From this value on there is something wrong. */
  fire: number;
  /** Below this value it is well again. */
  resolve: number;
  /** For how long it must be wrong before it fires, and well before it is over. */
  forSeconds: number;
  clearSeconds: number;
  /** When it was looked at last. */
  evaluatedAt: Date | null;
  /** Name of the key of the operator who knows of it; null when nobody does. */
  acknowledgedBy: string | null;
  /** Until then nobody is told. */
  silencedUntil: Date | null;
  silenceReason: string | null;
  /** What to do about it. */
  runbookUrl: string;
}

/** Tells nobody of an alert for a time. */
export class SilenceAlertDto {
  /** Until when (ISO 8601); at most 90 days. */
  @IsDate()
  @MinDate(() => new Date(), { message: 'until must be in the future' })
  @MaxDate(() => new Date(Date.now() + SILENCE_MAX_MS), { message: 'until must be within 90 days' })
  @Type(() => Date)
  until: Date;

  /** Why; kept in the audit trail. */
  @MinLength(1)
  @MaxLength(500)
  reason: string;
}

/** Filters of the history. */
export class AlertChangesQuery extends PageQuery {
  /** Only this alert. */
  @IsOptional()
  @IsIn(ALERT_NAMES)
  name?: AlertName;
}

/** What became of an alert. */
export class AlertChangeDto {
  id: string;
  /** `high_error_rate`, `notification_failures`, … */
  name: string;
  /** `reminded`: it still fired. */
  change: 'inactive' | 'pending' | 'firing' | 'reminded' | 'resolved';
  value: number;
  detail: string;
  occurredAt: Date;
  /** Routes that have not taken it: `log`, `email`, `webhook`. */
  routesLeft: string[];
}

export class AlertChangePageDto {
  items: AlertChangeDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
