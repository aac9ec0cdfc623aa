import type { Finding } from './watchdog-check.js';

const HOUR_MS = 3_600_000;
/** With fewer busy hours than this, there is no usual pattern. */
const BUSY_HOURS_MIN = 24;
/** A silence is longer than one and a half times the longest quiet spell plus this. */
const GRACE_HOURS = 2;

/**
 * Whether no event has arrived for longer than usual. The longest quiet spell counts, so nights and weekends
 * are allowed for.
 * @param lastReceivedAt null if no event has ever arrived
 * @param hours whether an event arrived in each hour before that, oldest first
 */
export function silenceOf(lastReceivedAt: Date | null, hours: readonly boolean[], now: Date): Finding {
  if (!lastReceivedAt) return { state: 'ok', detail: 'Nothing has arrived yet' };
  if (hours.filter(Boolean).length < BUSY_HOURS_MIN)
    return { state: 'ok', detail: 'Too little traffic for a judgement' };
  const silentHours = (now.getTime() - lastReceivedAt.getTime()) / HOUR_MS;
  const usualHours = longestQuietSpell(hours);
  const detail = `Last event ${silentHours.toFixed(1)} h ago; up to ${usualHours} h are usual`;
  return { state: silentHours > GRACE_HOURS + 1.5 * usualHours ? 'warning' : 'ok', detail };
}

/** The longest time without an event, in full hours. The present silence does not count. */
function longestQuietSpell(hours: readonly boolean[]): number {
  const busy = hours.flatMap((isBusy, index) => (isBusy ? [index] : []));
  const quiet = busy.slice(1).map((hour, index) => hour - (busy[index] as number) - 1);
  return Math.max(0, ...quiet);
}
