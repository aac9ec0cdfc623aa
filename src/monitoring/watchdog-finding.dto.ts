/** What a check of the watchdog found last. */
export class WatchdogFindingDto {
  /** `endpoint`, `newest_event`, `silence` or `secret_in_use`. */
  name: string;
  /** `ok`, `warning` or `unknown`. */
  state: string;
  /** What it saw, without personal data. */
  detail: string;
  /** Since when it has been in this state. */
  since: Date;
  checkedAt: Date;
}
