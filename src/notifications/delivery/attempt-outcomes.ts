import type { ChannelFault } from '../../platform/delivery/circuit.js';
import type { AttemptOutcome } from '../notification-attempt.entity.js';

/** What the outcome of an attempt means for everything that the attempt concerns. */
export interface OutcomeRule {
  /**
   * - `sent`, `failed`: the message has ended.
   * - `retried`: the attempt is counted, and the next one follows the message's own schedule.
   * - `held`: an operator decides, for the kinds in `HOLD_UNKNOWN_KINDS`. All other kinds are retried.
   * - `waits`: the message waits for the channel, and the attempt is not counted. A message that met such a fault
   *   before, while others got through, is retried instead (`ChannelFaults`).
   */
  message: 'sent' | 'failed' | 'retried' | 'held' | 'waits';
  /** A fault counts in the channel's circuit; `works` lets a circuit that had opened close step by step. */
  channel: 'works' | 'not_tried' | ChannelFault;
  /** `judged`: the reply is evidence about the address, which may be suppressed. */
  address: 'judged' | 'unchanged';
  /** Whether the recipient may have the message, so that it counts for the caps. */
  mayHaveLeft: boolean;
}

/** The rules of delivery after an attempt. Each outcome has one; they are applied by `AttemptRecorder`. */
export const ATTEMPT_OUTCOMES: Readonly<Record<AttemptOutcome, OutcomeRule>> = {
  accepted: { message: 'sent', channel: 'works', address: 'unchanged', mayHaveLeft: true },
  deferred: { message: 'retried', channel: 'works', address: 'unchanged', mayHaveLeft: false },
  refused: { message: 'failed', channel: 'works', address: 'judged', mayHaveLeft: false },
  render_failed: { message: 'failed', channel: 'not_tried', address: 'unchanged', mayHaveLeft: false },
  // A session that breaks after everything was written also counts as broken.
  unknown: { message: 'held', channel: 'unreachable', address: 'unchanged', mayHaveLeft: true },
  unreachable: { message: 'waits', channel: 'unreachable', address: 'unchanged', mayHaveLeft: false },
  rate_limited: { message: 'waits', channel: 'rate_limited', address: 'unchanged', mayHaveLeft: false },
  channel_fault: { message: 'waits', channel: 'channel_fault', address: 'unchanged', mayHaveLeft: false },
};

/** The fault of the channel that an outcome shows; null where it shows none. */
export function faultOf(outcome: AttemptOutcome): ChannelFault | null {
  const { channel } = ATTEMPT_OUTCOMES[outcome];
  return channel === 'works' || channel === 'not_tried' ? null : channel;
}
