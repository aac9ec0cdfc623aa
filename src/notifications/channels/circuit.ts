import type { NotificationChannelState } from './notification-channel-state.entity.js';

/** How a channel fails: it asks us to slow down, cannot be reached, or does not let us in. */
export type ChannelFault = 'rate_limited' | 'unreachable' | 'channel_fault';

export type Circuit = Pick<NotificationChannelState, 'failures' | 'pausedUntil' | 'probeUntil'>;

const CLOSED: Circuit = { failures: 0, pausedUntil: null, probeUntil: null };
const SECOND_MS = 1000;
/** So that recovery, one success for each, does not take long after a long outage. */
const FAILURES_MAX = 12;

/** With which fault in a row the circuit opens, for how long first, and for how long at most. */
const PAUSES: Record<ChannelFault, { opensAt: number; firstMs: number; maxMs: number }> = {
  unreachable: { opensAt: 3, firstMs: 5 * SECOND_MS, maxMs: 120 * SECOND_MS },
  rate_limited: { opensAt: 1, firstMs: 30 * SECOND_MS, maxMs: 900 * SECOND_MS },
  channel_fault: { opensAt: 1, firstMs: 300 * SECOND_MS, maxMs: 300 * SECOND_MS },
};

/**
 * The circuit after a fault: each in a row doubles the pause. Several connections fail together; what failed
 * while the channel was paused had begun before, and counts for nothing.
 * @param isRepeated the same message has met one before: that tells nothing new of the channel
 */
export function afterFault(
  circuit: Circuit | null,
  fault: ChannelFault,
  now: Date,
  isRepeated = false,
): Circuit {
  const before = circuit ?? CLOSED;
  const isPaused = before.pausedUntil !== null && before.pausedUntil > now;
  const failures = isPaused || isRepeated ? before.failures : Math.min(before.failures + 1, FAILURES_MAX);
  const { opensAt, firstMs, maxMs } = PAUSES[fault];
  if (failures < opensAt && before.pausedUntil === null) return { ...before, failures };
  const pauseMs = Math.min(firstMs * 2 ** Math.max(failures - opensAt, 0), maxMs);
  const until = Math.max(now.getTime() + pauseMs, before.pausedUntil?.getTime() ?? 0);
  return { failures, pausedUntil: isPaused ? before.pausedUntil : new Date(until), probeUntil: null };
}

/**
 * The circuit after a success, or null when it is closed: at once where it had not opened, else slowly, with
 * as many successes one after the other as there were faults.
 */
export function afterSuccess(circuit: Circuit): Circuit | null {
  const failures = circuit.failures - 1;
  return circuit.pausedUntil === null || failures <= 0 ? null : { ...circuit, failures, probeUntil: null };
}
