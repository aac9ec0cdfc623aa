import { isDeepStrictEqual } from 'node:util';
import type { ReceivedEvent } from '../stripe/received-event.js';

/** A fetched state may be older than the answer that carries it by up to this time. */
export const FETCHING_MS = 2000;

/** A state of a Stripe object, and its source. */
export interface State {
  reported: object;
  stateAt: Date;
  stateToldBy: string;
}

/** Whether a state is newer than the stored one. Two different states of one second have no known order. */
export type StateOrder = 'newer' | 'older' | 'same' | 'unordered';

/**
 * The times of Stripe's events are whole seconds, and events arrive in any order. Of two states within one second the
 * creation is the older one, and one after which nothing can follow the newer one.
 * @param isFinal whether no other state can follow this one
 */
export function orderOf(state: State, stored: State, isFinal: (reported: object) => boolean): StateOrder {
  const apartMs = state.stateAt.getTime() - stored.stateAt.getTime();
  const wasFetched = state.stateToldBy === 'api' || stored.stateToldBy === 'api';
  if (Math.abs(apartMs) > (wasFetched ? FETCHING_MS : 0)) return apartMs > 0 ? 'newer' : 'older';
  if (isDeepStrictEqual(state.reported, stored.reported)) return 'same';
  const ranks = [rankOf(state, isFinal), rankOf(stored, isFinal)] as const;
  if (ranks[0] === ranks[1]) return 'unordered';
  return ranks[0] > ranks[1] ? 'newer' : 'older';
}

function rankOf({ reported, stateToldBy }: State, isFinal: (reported: object) => boolean): number {
  if (isFinal(reported)) return 2;
  return stateToldBy.endsWith('.created') ? 0 : 1;
}

/** The state in an event. */
export function stateOf(event: ReceivedEvent, reported: object): State {
  return { reported, stateAt: new Date(event.stateAt), stateToldBy: event.stateToldBy };
}
