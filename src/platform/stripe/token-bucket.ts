import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Allows at most `perSecond` calls, evenly spaced. The bucket holds one token, because a burst on top of the
 * rate would exceed Stripe's own limit (25 a second in a sandbox).
 */
export class TokenBucket {
  private nextAt = 0;

  /** @param perSecond 0: no limit */
  constructor(private readonly perSecond: number) {}

  /** Resolves once there is a token for the caller; callers are served in order. */
  async take(): Promise<void> {
    if (this.perSecond === 0) return;
    const now = performance.now();
    const at = Math.max(now, this.nextAt);
    this.nextAt = at + 1000 / this.perSecond;
    if (at > now) await sleep(at - now);
  }
}
