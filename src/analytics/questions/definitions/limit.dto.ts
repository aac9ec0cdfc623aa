/** A limit that changed an answer. */
export class LimitDto {
  /** Its name, for machines. */
  limit: string;
  max: number;
  /** How many there are without the limit. */
  found: number;
  /** What the limit did, in words. */
  effect: string;
}
