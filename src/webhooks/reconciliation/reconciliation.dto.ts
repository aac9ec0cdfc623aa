import { Type as Transform } from 'class-transformer';
import { IsBoolean, IsDate, IsIn, IsOptional } from 'class-validator';
import type { FindingKind, FindingResult } from './reconciliation-finding.entity.js';
import type { Phase, ReconciliationStatus } from './reconciliation.entity.js';

export class StartReconciliationDto {
  /** Compare what Stripe created at or after this time (ISO 8601); everything when missing. */
  @IsOptional()
  @Transform(() => Date)
  @IsDate()
  since?: Date;

  /** Whether customers that are found are welcomed: `none` marks their messages as suppressed, for ever. */
  @IsIn(['none', 'all'])
  notify: 'none' | 'all' = 'none';

  /** Report what differs, and change nothing. */
  @IsBoolean()
  dryRun: boolean = false;
}

/** What came of comparing the objects of one list. */
export class DriftCountsDto {
  /** Compared with what we have. */
  checked: number;
  /** Stripe has it, we did not. */
  missing: number;
  /** We have it, Stripe does not. */
  extra: number;
  /** Both have it, with different fields. */
  different: number;
  /** Of those found: as in Stripe by now. */
  repaired: number;
  /** No customers of ours, as by webhook: no user id, a user unknown to MINGUS so far, or invalid. */
  unmatched: number;
  /** Of those found: that could not be repaired. */
  failed: number;
}

/** Per list of Stripe's. */
export class DriftReportDto {
  events: DriftCountsDto;
  customers: DriftCountsDto;
}

/** A comparison with Stripe, its progress and its report. */
export class ReconciliationDto {
  id: string;
  /** Who started it. */
  source: 'admin_api' | 'cli' | 'schedule';
  /** Null: everything. Stripe keeps events for 30 days, customers for ever. */
  since: Date | null;
  until: Date;
  /** Whether customers that are found are welcomed. */
  notify: boolean;
  dryRun: boolean;
  /** `complete` only when everything was listed and nothing failed. */
  status: ReconciliationStatus;
  /** Why it is not complete: `rate_limited`, `stripe_unavailable`, `interrupted`, `some_not_repaired`, … */
  reason: string | null;
  /** The list it is at. */
  phase: Phase;
  /** The last object dealt with; it goes on after this one. */
  position: string | null;
  positionCreatedAt: Date | null;
  /** Pages dealt with. */
  pages: number;
  counts: DriftReportDto;
  createdAt: Date;
  /** When it last came forward. */
  updatedAt: Date;
  finishedAt: Date | null;
}

export class ReconciliationPageDto {
  items: ReconciliationDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

/** One difference: ids and names of fields, no values. */
export class ReconciliationFindingDto {
  id: string;
  reconciliationId: string;
  kind: FindingKind;
  /** `reported`: nothing was done about it. */
  result: FindingResult;
  /** The event in our inbox that it became. */
  stripeEventId: string | null;
  stripeCustomerId: string | null;
  /** Which fields differ. */
  fields: string[];
  /** Why it was not repaired. */
  reason: string | null;
}

export class ReconciliationFindingPageDto {
  items: ReconciliationFindingDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
