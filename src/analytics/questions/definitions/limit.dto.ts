/** A limit that changed an answer. */
export class LimitDto {
  /** Its name, for machines. */
  limit: string;
  /** Null where the limit is not a number. */
  max: number | null;
  /** How many there are without the limit; if `max` is null, how many are left out. */
  found: number;
  /** What the limit did, in words. */
  effect: string;
}
