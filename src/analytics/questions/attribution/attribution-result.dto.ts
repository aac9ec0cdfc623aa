export class CreditDto {
  /** Persons, with parts of persons that are shared between touches. */
  persons: number;
  /** The share of all persons in millionths. Those of all sources add up to exactly 1,000,000. */
  shareMillionths: number;
}

export class AttributedSourceDto {
  /** Where it is known from: a touch; a page view without campaign and foreign referrer; Stripe's metadata, for persons without a touch; nowhere; or sources beyond the first 50. */
  origin: 'touch' | 'direct' | 'metadata' | 'unknown' | 'other';
  /** The source in lower case, decoded, without a login; null unless the origin is a touch or the metadata. */
  source: string | null;
  /** All credit to the earliest touch. */
  first: CreditDto;
  /** All credit to the latest touch that is not direct. */
  last: CreditDto;
  /** The same credit to each touch. */
  linear: CreditDto;
}

export class AttributionResultDto {
  /** Persons whose first customer was created in the period. Further customers of a person do not count. */
  persons: number;
  /** Those without any touch before, and erased ones. */
  withoutTouch: number;
  /** The source with the most linear credit first. */
  sources: AttributedSourceDto[];
}
