import { describe, expect, it } from 'vitest';
import { afterFault, afterSuccess, type ChannelFault, type Circuit } from './circuit.js';

const NOW = new Date('2027-01-15T08:00:00Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

/** The pauses in seconds after consecutive faults, each right after the pause before. */
function pausesOf(fault: ChannelFault, count: number): (number | null)[] {
  let circuit: Circuit | null = null;
  let now = NOW;
  return Array.from({ length: count }, () => {
    circuit = afterFault(circuit, fault, now);
    if (!circuit.pausedUntil) return null;
    const pause = (circuit.pausedUntil.getTime() - now.getTime()) / 1000;
    now = circuit.pausedUntil;
    return pause;
  });
}

describe('a channel', () => {
  it.each([
    ['unreachable', [null, null, 5, 10, 20, 40, 80, 120, 120]],
    ['rate_limited', [30, 60, 120, 240, 480, 900, 900]],
    ['channel_fault', [300, 300, 300]],
  ] as const)('that is %s is paused for ever longer times, with a limit', (fault, pauses) => {
    expect(pausesOf(fault, pauses.length)).toEqual(pauses);
  });

  it('is not paused longer by attempts that had begun before', () => {
    const paused = afterFault(null, 'rate_limited', NOW);
    expect(afterFault(paused, 'rate_limited', later(1))).toEqual(paused);
  });

  it('is paused no longer for a message that has met the same before, and not at all while it is well', () => {
    const paused = afterFault(null, 'rate_limited', NOW);
    expect(afterFault(paused, 'rate_limited', later(31), true)).toMatchObject({
      failures: 1,
      pausedUntil: later(61),
    });
    expect(afterFault(null, 'rate_limited', NOW, true)).toMatchObject({ failures: 0, pausedUntil: null });
  });

  it('that never opened its circuit is well again after one success', () => {
    expect(afterSuccess({ failures: 2, pausedUntil: null, probeUntil: null })).toBeNull();
  });

  it('recovers slowly: as many successes as there were faults', () => {
    const circuit = { failures: 2, pausedUntil: NOW, probeUntil: later(90) };
    const half = afterSuccess(circuit);
    expect(half).toEqual({ failures: 1, pausedUntil: NOW, probeUntil: null });
    expect(afterSuccess(half as Circuit)).toBeNull();
  });

  it('that fails while it recovers is paused at once', () => {
    const recovering = { failures: 3, pausedUntil: NOW, probeUntil: later(90) };
    const { failures, pausedUntil, probeUntil } = afterFault(recovering, 'unreachable', later(1));
    expect({ failures, probeUntil }).toEqual({ failures: 4, probeUntil: null });
    expect(pausedUntil).toEqual(later(11));
  });
});
