/** So that a flood of requests is no flood of lines: at most so many a second; metrics count them all. */
export class LogAllowance {
  private secondEndsAt = 0;
  private taken = 0;
  private leftOut = 0;

  constructor(private readonly perSecond = 20) {}

  /** @returns null when the line is to be left out, else how many were left out since the one before */
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
