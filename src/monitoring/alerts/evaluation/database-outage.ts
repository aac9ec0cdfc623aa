import { uuidv7 } from '../../../platform/database/uuid.js';
import type { AlertThreshold } from '../../../platform/config/alert-thresholds.js';
import type { AlertChange } from '../alert-change.entity.js';
import { type AlertCondition, nextCondition } from './alert-condition.js';

const NAME = 'database_down';
type Change = Omit<AlertChange, 'routesLeft' | 'claimedUntil'>;

/**
 * The alert that cannot be kept in the database. Each worker keeps its own, in memory, and tells of it by itself;
 * once the database is back, its history is written.
 */
export class DatabaseOutage {
  private downSince: Date | null = null;
  private condition: AlertCondition = { state: 'inactive', since: new Date(0), clearSince: null };
  private fired: Change | null = null;
  /** Routes that have not been told that it fires. */
  routesLeft: string[] = [];

  constructor(private readonly threshold: AlertThreshold) {}

  /** The database took no write. @returns what is to be told now, if anything */
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

  /** The database took a write. @returns the history to be written: that it fired, and that it is over */
  observeUp(now: Date): { fired: Change; resolved: Change } | null {
    const { fired, downSince } = this;
    if (!downSince) return null;
    this.condition = nextCondition(this.condition, 0, this.threshold, now);
    if (this.condition.state === 'firing') return null;
    this.downSince = null;
    this.fired = null;
    if (!fired) return null;
    const seconds = Math.round((now.getTime() - downSince.getTime()) / 1000);
    const detail = `The database takes writes again, after ${seconds} s`;
    return {
      fired,
      resolved: { ...fired, id: uuidv7(), change: 'resolved', value: 0, detail, occurredAt: now },
    };
  }
}
