/** The latest finding of a check of the watchdog. */
export class WatchdogFindingDto {
  /** `endpoint`, `newest_event`, `silence` or `secret_in_use`. */
  name: string;
  /** `ok`, `warning` or `unknown`. */
  state: string;
  /** The finding in words, without personal data. */
  detail: string;
  /** The start of the state. */
  since: Date;
  checkedAt: Date;
}
