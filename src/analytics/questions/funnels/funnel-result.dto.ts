/** A step of a funnel. */
export class StepResultDto {
  /** From 1. */
  step: number;
  /** The name of its event, or the milestone. */
  name: string;
  /** Persons who filled the step. */
  converted: number;
  /** Persons who filled the step before, and not this one until their window closed. */
  dropped: number;
  /** Persons who filled the step before, and still can fill this one. Of several attempts that are as far the earliest counts, also if it was dropped and a later one is open. */
  open: number;
  /** Of the persons who filled the step before and whose window has closed, the share that filled this one. Null without such persons, and for the first step. */
  rate: number | null;
}

/** An estimate that counts open attempts for as long as they were watched (Kaplan–Meier). */
export class ConversionEstimateDto {
  /** The share that has converted at the end of the window. */
  conversion: number;
  /** The 95 % interval by Greenwood's formula, cut at 0 and 1. */
  low: number;
  high: number;
}

/** Times from the first to the last step, within the window only. */
export class ConversionTimesDto {
  p50Seconds: number;
  p90Seconds: number;
}

/** What became of the persons of a group. */
export class FunnelGroupDto {
  /** What the group is: all persons, those with a value, those without the property, the values beyond the first 50, erased persons, or those who did not get to the step of the breakdown. */
  is: 'total' | 'value' | 'missing' | 'other' | 'erased' | 'not_reached';
  /** The value of the property. */
  value: string | null;
  /** Persons with an attempt: converted + dropped + open. */
  entries: number;
  converted: number;
  dropped: number;
  open: number;
  /** Persons whose attempts were all made void by an exclusion. They are no entries. */
  voided: number;
  /** converted ÷ (converted + dropped), of the attempts whose window has closed. Null without such attempts. */
  rate: number | null;
  /** Null without entries. */
  estimate: ConversionEstimateDto | null;
  /** Null without conversions. */
  timeToConvert: ConversionTimesDto | null;
  steps: StepResultDto[];
}

export class FunnelResultDto {
  total: FunnelGroupDto;
  /** One for each value of the breakdown, the most frequent first; empty without one. */
  groups: FunnelGroupDto[];
}

/** Conversions that took from `fromSeconds` on and less than `toSeconds`. */
export class TimeBucketDto {
  fromSeconds: number;
  /** Null for the last one, which ends with the window. */
  toSeconds: number | null;
  conversions: number;
}

export class TimeToConvertResultDto {
  total: FunnelGroupDto;
  histogram: TimeBucketDto[];
}
