export class CreditDto {
  /** Customers, with parts of customers that are shared between touches. */
  customers: number;
  /** The share of all customers in millionths. Those of all sources add up to exactly 1,000,000. */
  shareMillionths: number;
}

export class AttributedSourceDto {
  /** Where it is known from: a touch; a page view without campaign and foreign referrer; Stripe's metadata, for customers without a touch; nowhere; or sources beyond the first 50. */
  origin: 'touch' | 'direct' | 'metadata' | 'unknown' | 'other';
  /** The source in lower case; null unless the origin is a touch or the metadata. */
  source: string | null;
  /** All credit to the earliest touch. */
  first: CreditDto;
  /** All credit to the latest touch that is not direct. */
  last: CreditDto;
  /** The same credit to each touch. */
  linear: CreditDto;
}

export class AttributionResultDto {
  /** Customers who were created in the period. */
  customers: number;
  /** Those without any touch before, and erased ones. */
  withoutTouch: number;
  /** The source with the most linear credit first. */
  sources: AttributedSourceDto[];
}
