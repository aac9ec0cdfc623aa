/**
 * Limits the log lines per second, so that a flood of requests is no flood of lines. Metrics count all
 * requests.
 */
export class LogAllowance {
  private secondEndsAt = 0;
  private taken = 0;
  private leftOut = 0;

  constructor(private readonly perSecond = 20) {}

  /** @returns null if the line must be left out, else the number of lines left out since the previous one */
  take(now = performance.now()): { leftOut?: number } | null {
    if (now >= this.secondEndsAt) {
      this.secondEndsAt = now + 1000;
      this.taken = 0;
    }
    if (this.taken >= this.perSecond) {
      this.leftOut += 1;
      return null;
    }
    this.taken += 1;
    const { leftOut } = this;
    this.leftOut = 0;
    return leftOut > 0 ? { leftOut } : {};
  }
}
