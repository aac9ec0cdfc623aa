export class RetentionCellDto {
  /** From 0, the week of the cohort (or the first 7 × 24 hours). */
  week: number;
  /** Persons who came back; null while the week is not over for all of the cohort. */
  persons: number | null;
  /** Their share of the cohort; null while the week is not over, and for an empty cohort. */
  rate: number | null;
}

export class RetentionCohortDto {
  /** The Monday of the cohort's week, in the zone (YYYY-MM-DD). */
  week: string;
  /** Whether the week is over. More persons may join the cohort until then. */
  isOver: boolean;
  /** Persons whose first event was in the week. */
  persons: number;
  /** All weeks up to the present one. */
  cells: RetentionCellDto[];
}

export class RetentionResultDto {
  /** The oldest first. */
  cohorts: RetentionCohortDto[];
}

export class RevenueRetentionResultDto {
  /** What the numbers mean, in words. */
  definition: string;
  /** As `cohorts` in the answer of `GET /admin/revenue/cohorts`. */
  cohorts: object[];
}
