/** How a channel fails: it limits our rate, cannot be reached, or rejects our login or configuration. */
export type ChannelFault = 'rate_limited' | 'unreachable' | 'channel_fault';

/** The state of a circuit, as the row of a channel or connector has it. */
export interface Circuit {
  /** Consecutive faults. Once the circuit has opened, each success subtracts one until it is closed. */
  failures: number;
  /** Nothing is sent before this time. After it, one attempt is made at a time. Null while there were too few faults. */
  pausedUntil: Date | null;
  /** Until this time, an attempt tests the channel as the only one. */
  probeUntil: Date | null;
}

const CLOSED: Circuit = { failures: 0, pausedUntil: null, probeUntil: null };
const SECOND_MS = 1000;
/** The limit keeps recovery short after a long outage: each fault needs one success. */
const FAILURES_MAX = 12;

/** The number of consecutive faults that opens the circuit, the first pause and the longest pause. */
const PAUSES: Record<ChannelFault, { opensAt: number; firstMs: number; maxMs: number }> = {
  unreachable: { opensAt: 3, firstMs: 5 * SECOND_MS, maxMs: 120 * SECOND_MS },
  rate_limited: { opensAt: 1, firstMs: 30 * SECOND_MS, maxMs: 900 * SECOND_MS },
  channel_fault: { opensAt: 1, firstMs: 300 * SECOND_MS, maxMs: 300 * SECOND_MS },
};

/**
 * The circuit after a fault. Each consecutive fault doubles the pause. Several connections fail together. An
 * attempt that fails while the channel is paused began before the pause and does not count.
 * @param isRepeated whether the same message has met a fault before, which shows nothing new about the
 * channel
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
 * The circuit after a success, or null if it is closed. A circuit that had not opened closes at once. An open
 * one needs as many consecutive successes as there were faults.
 */
export function afterSuccess(circuit: Circuit): Circuit | null {
  const failures = circuit.failures - 1;
  return circuit.pausedUntil === null || failures <= 0 ? null : { ...circuit, failures, probeUntil: null };
}
