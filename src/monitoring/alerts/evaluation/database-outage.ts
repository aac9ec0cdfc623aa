import { uuidv7 } from '../../../platform/database/uuid.js';
import type { AlertThreshold } from '../declarations/alert-declaration.js';
import type { AlertChange } from '../alert-change.entity.js';
import { type AlertCondition, nextCondition } from '../alert-condition.js';

const NAME = 'database_down';
type Change = Omit<AlertChange, 'routesLeft' | 'claimedUntil'>;

/**
 * The alert about the database, which cannot be stored in it. Each process has its own in memory and sends
 * its notices itself. The history is written when the database is available again.
 */
export class DatabaseOutage {
  private downSince: Date | null = null;
  private condition: AlertCondition = { state: 'inactive', since: new Date(0), clearSince: null };
  private fired: Change | null = null;
  /** The routes that have not sent the notice yet. */
  routesLeft: string[] = [];

  constructor(private readonly threshold: AlertThreshold) {}

  /**
   * The database accepted no write.
   * @returns the change to send now, if any
   */
  observeDown(now: Date, reason: string, routeNames: string[]): Change | null {
    if (!this.threshold.enabled) return null;
    this.downSince ??= now;
    const value = (now.getTime() - this.downSince.getTime()) / 1000;
    const before = this.condition.state;
    this.condition = nextCondition(this.condition, value, this.threshold, now);
    if (this.condition.state === 'firing' && before !== 'firing') {
      const detail = `No write for ${Math.round(value)} s: ${reason}`;
      this.fired = { id: uuidv7(), name: NAME, change: 'firing', value, detail, occurredAt: now };
      this.routesLeft = routeNames;
    }
    return this.routesLeft.length > 0 ? this.fired : null;
  }

  /**
   * The database accepted a write.
   * @returns the history to write: the start and the end of the alert
   */
  observeUp(now: Date): { fired: Change; resolved: Change } | null {
    const { fired, downSince } = this;
    if (!downSince) return null;
    this.condition = nextCondition(this.condition, 0, this.threshold, now);
    if (this.condition.state === 'firing') return null;
    this.downSince = null;
    this.fired = null;
    if (!fired) return null;
    const seconds = Math.round((now.getTime() - downSince.getTime()) / 1000);
    const detail = `The database can be written to again, after ${seconds} s`;
    return {
      fired,
      resolved: { ...fired, id: uuidv7(), change: 'resolved', value: 0, detail, occurredAt: now },
    };
  }
}
