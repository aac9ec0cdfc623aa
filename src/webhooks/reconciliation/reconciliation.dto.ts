import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { IsTime } from '../../platform/http/is-time.decorator.js';
import type { FindingKind, FindingResult } from './reconciliation-finding.entity.js';
import type { Phase, ReconciliationStatus } from './reconciliation.entity.js';

export class StartReconciliationDto {
  /** Compare only objects that Stripe created at or after this time (ISO 8601). Default: all objects. */
  @IsOptional()
  @IsTime()
  since?: Date;

  /**
   * Whether customers that are set up get their welcome messages. `none` marks the messages as suppressed for
   * good.
   */
  @IsIn(['none', 'all'])
  notify: 'none' | 'all' = 'none';

  /** Report the differences and change nothing. */
  @IsBoolean()
  dryRun: boolean = false;
}

/** The result of comparing the objects of one list. */
export class DriftCountsDto {
  /** Objects compared with the stored ones. */
  checked: number;
  /** Objects in Stripe that were not stored. */
  missing: number;
  /** Stored objects that Stripe does not have. */
  extra: number;
  /** Objects with different fields. */
  different: number;
  /** Differences that were repaired. */
  repaired: number;
  /** Objects that are not set up as customers: without a user id, with an unknown user, or invalid. */
  unmatched: number;
  /** Differences that could not be repaired. */
  failed: number;
}

/** The counts of each of Stripe's lists. */
export class DriftReportDto {
  events: DriftCountsDto;
  customers: DriftCountsDto;
  subscriptions: DriftCountsDto;
  invoices: DriftCountsDto;
  disputes: DriftCountsDto;
}

/** A comparison with Stripe, with its progress and report. */
export class ReconciliationDto {
  id: string;
  /** The source of the request to start it. */
  source: 'admin_api' | 'cli' | 'schedule';
  /** Null: all objects. Stripe keeps events for 30 days, customers without limit. */
  since: Date | null;
  until: Date;
  /** Whether customers that are set up get their welcome messages. */
  notify: boolean;
  dryRun: boolean;
  /** `complete` only if everything was listed and nothing failed. */
  status: ReconciliationStatus;
  /**
   * Why the comparison is not complete: `rate_limited`, `stripe_unavailable`, `interrupted`,
   * `some_not_repaired`, …
   */
  reason: string | null;
  /** The list that is being compared. */
  phase: Phase;
  /** The last object that was settled. The comparison continues after it. */
  position: string | null;
  positionCreatedAt: Date | null;
  /** The number of settled pages. */
  pages: number;
  counts: DriftReportDto;
  createdAt: Date;
  /** The time of the last progress. */
  updatedAt: Date;
  finishedAt: Date | null;
}

export class ReconciliationPageDto {
  items: ReconciliationDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

/** One difference: ids and field names, no values. */
export class ReconciliationFindingDto {
  id: string;
  reconciliationId: string;
  kind: FindingKind;
  /** `reported`: the difference was not repaired. */
  result: FindingResult;
  /** The event in the inbox about the difference. */
  stripeEventId: string | null;
  stripeCustomerId: string | null;
  /** The subscription, invoice or dispute that differs; null if the customer itself or an event does. */
  stripeObjectId: string | null;
  /** The names of the fields that differ. */
  fields: string[];
  /** Why the difference was not repaired. */
  reason: string | null;
}

export class ReconciliationFindingPageDto {
  items: ReconciliationFindingDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
