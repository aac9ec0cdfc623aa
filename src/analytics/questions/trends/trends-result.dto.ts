/** An hour, day or week. */
export class TrendPointDto {
  /** The moment at which it begins. The first one begins with the period, if that is later. */
  at: Date;
  events: number;
  /** Different persons. The same person counts in each point, so points cannot be added up. */
  persons: number;
}

export class TrendSeriesDto {
  name: string;
  /** The number of the event in the definition, from 1. */
  event: number;
  /** What the series is: all events, those with a value, those without the property, the values beyond the first 50, or events of erased persons. */
  is: 'total' | 'value' | 'missing' | 'other' | 'erased';
  /** The value of the property, or the acquisition source. */
  value: string | null;
  /** All events of the series in the period. */
  events: number;
  /** Different persons in the period. */
  persons: number;
  /** One for each hour, day or week of the period, also without events. */
  points: TrendPointDto[];
}

export class TrendsResultDto {
  series: TrendSeriesDto[];
}
