import type { Finding } from './watchdog-check.js';

const HOUR_MS = 3_600_000;
/** With fewer hours in which anything arrived nobody can tell what is usual. */
const BUSY_HOURS_MIN = 24;
/** Longer than this and half as long again as the longest quiet spell is a silence. */
const GRACE_HOURS = 2;

/**
 * Whether it has been quiet for longer than is usual. Nights and week-ends are quiet spells too: what counts
 * is the longest one.
 * @param lastReceivedAt null: nothing has ever arrived
 * @param hours whether something arrived in each hour of the days before that, oldest first
 */
export function silenceOf(lastReceivedAt: Date | null, hours: readonly boolean[], now: Date): Finding {
  if (!lastReceivedAt) return { state: 'ok', detail: 'Nothing has arrived yet' };
  if (hours.filter(Boolean).length < BUSY_HOURS_MIN)
    return { state: 'ok', detail: 'Too little traffic to tell' };
  const silentHours = (now.getTime() - lastReceivedAt.getTime()) / HOUR_MS;
  const usualHours = longestQuietSpell(hours);
  const detail = `Last event ${silentHours.toFixed(1)} h ago; up to ${usualHours} h are usual`;
  return { state: silentHours > GRACE_HOURS + 1.5 * usualHours ? 'warning' : 'ok', detail };
}

/** In full hours, and between two events: the present one is not among them. */
function longestQuietSpell(hours: readonly boolean[]): number {
  const busy = hours.flatMap((isBusy, index) => (isBusy ? [index] : []));
  const quiet = busy.slice(1).map((hour, index) => hour - (busy[index] as number) - 1);
  return Math.max(0, ...quiet);
}
