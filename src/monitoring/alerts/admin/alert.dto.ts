import { IsIn, IsOptional, MaxDate, MaxLength, MinDate, MinLength } from 'class-validator';
import { ALERT_NAMES, type AlertName } from '../declarations/alert-declarations.js';
import { IsTime } from '../../../platform/http/is-time.decorator.js';
import { PageQuery } from '../../../platform/http/page.dto.js';

const SILENCE_MAX_MS = 90 * 86_400_000;

/** An alert with its present state. */
export class AlertDto {
  /** `high_error_rate`, `notification_failures`, … */
  name: string;
  title: string;
  severity: 'critical' | 'warning';
  /** Whether the alert is evaluated (`ALERT_RULES`). */
  enabled: boolean;
  /** `inactive` and `resolved` mean that the alert does not fire; `resolved` has fired before. */
  state: 'inactive' | 'pending' | 'firing' | 'resolved';
  /** The start of the state; null before the first evaluation. */
  since: Date | null;
  /** The latest value, in the unit of the alert: a share, seconds, a count, or 1 for yes. */
  value: number;
  /** The value in words. */
  detail: string;
  /** The condition of the alert begins at this value. */
  fire: number;
  /** The condition ends below this value. */
  resolve: number;
  /** How long the condition must hold before the alert fires. */
  forSeconds: number;
  clearSeconds: number;
  /** The time of the last evaluation; null before the first one. */
  evaluatedAt: Date | null;
  /** The age of the last evaluation, in seconds. */
  evaluatedSecondsAgo: number | null;
  /**
   * Whether three evaluations (90 s) were missed, or there was none. `state` and `value` are then outdated.
   */
  isStale: boolean;
  /** The name of the key that acknowledged the alert; null if it is not acknowledged. */
  acknowledgedBy: string | null;
  /** No notices are sent before this time. */
  silencedUntil: Date | null;
  silenceReason: string | null;
  /** The section of the runbook about the alert. */
  runbookUrl: string;
}

/** Silences an alert for a time. */
export class SilenceAlertDto {
  /** The end of the silence (ISO 8601), at most 90 days from now. */
  @IsTime()
  @MinDate(() => new Date(), { message: 'until must be in the future' })
  @MaxDate(() => new Date(Date.now() + SILENCE_MAX_MS), { message: 'until must be within 90 days' })
  until: Date;

  /** The reason, which the audit trail keeps. */
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

/** A change of an alert. */
export class AlertChangeDto {
  id: string;
  /** `high_error_rate`, `notification_failures`, … */
  name: string;
  /** `reminded`: the alert still fired. */
  change: 'inactive' | 'pending' | 'firing' | 'reminded' | 'resolved';
  value: number;
  detail: string;
  occurredAt: Date;
  /** The routes that have not sent the notice yet: `log`, `email`, `webhook`. */
  routesLeft: string[];
}

export class AlertChangePageDto {
  items: AlertChangeDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
