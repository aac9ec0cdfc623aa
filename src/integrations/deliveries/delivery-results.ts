import type { ChannelFault } from '../../platform/delivery/circuit.js';
import { nextAttemptAt } from '../../platform/delivery/delivery-schedule.js';
import type { Connector, DeliveryKind, RowResult } from '../connectors/connector.js';
import type { ClaimedDelivery } from './claims/delivery-claims.queries.js';
import type { DeliveryStatus } from './delivery.entity.js';

/** What came of a claimed delivery: what the system answered, or why it was not sent. */
export type DeliveryResult =
  | RowResult
  | { result: 'held' | 'cancelled'; code: string }
  /** The system refuses all rows alike: the settings or the mapping are wrong, and not the rows. */
  | { result: 'all_refused'; code: string; detail?: string }
  /** It cannot be sent, whatever the system would say. It becomes a dead letter. */
  | { result: 'unsendable'; code: string; detail?: string };

/** What a result means. */
interface ResultRule {
  /**
   * - `ended`: with the status of the same name; `unsendable` as `rejected`.
   * - `retried`: the attempt is counted, and the next one follows the schedule.
   * - `uncertain`: retried if that does no harm or the system can be searched, held otherwise.
   * - `waits`: for the connector; the attempt is not counted.
   */
  delivery: 'ended' | 'retried' | 'uncertain' | 'waits';
  connector: 'works' | 'not_tried' | ChannelFault;
}

/** The rules of delivery after an attempt. */
export const DELIVERY_RESULTS: Readonly<Record<DeliveryResult['result'], ResultRule>> = {
  accepted: { delivery: 'ended', connector: 'works' },
  unchanged: { delivery: 'ended', connector: 'not_tried' },
  rejected: { delivery: 'ended', connector: 'works' },
  unsendable: { delivery: 'ended', connector: 'not_tried' },
  held: { delivery: 'ended', connector: 'not_tried' },
  cancelled: { delivery: 'ended', connector: 'not_tried' },
  retry: { delivery: 'retried', connector: 'unreachable' },
  unknown: { delivery: 'uncertain', connector: 'unreachable' },
  auth: { delivery: 'waits', connector: 'channel_fault' },
  all_refused: { delivery: 'waits', connector: 'channel_fault' },
  quota: { delivery: 'waits', connector: 'rate_limited' },
};

/** What a system lets the engine do after an attempt with an unknown outcome. */
export interface AfterUnknown {
  /** Whether the delivery may arrive twice. */
  isRepeatable(kind: DeliveryKind): boolean;
  /** Whether the system can be asked for what an earlier attempt created. */
  canSearch: boolean;
}

const REPEATABLE: readonly DeliveryKind[] = ['upsertPerson', 'trackEvent'];

export function afterUnknown(connector: Connector): AfterUnknown {
  const { repeatable = REPEATABLE } = connector.describe();
  return { isRepeatable: (kind) => repeatable.includes(kind), canSearch: connector.search !== undefined };
}

/** The columns of a delivery after an attempt. */
export interface NextState {
  status: DeliveryStatus;
  attempts: number;
  nextAttemptAt: Date;
  reason: string | null;
  detail: string | null;
  isUnknown: boolean;
}

export function nextStateOf(
  { kind, attempts, isUnknown: wasUnknown }: Pick<ClaimedDelivery, 'kind' | 'attempts' | 'isUnknown'>,
  result: DeliveryResult,
  { isRepeatable, canSearch }: AfterUnknown,
  now: Date,
): NextState {
  const reason = 'code' in result ? result.code : null;
  const detail = 'detail' in result ? (result.detail ?? null) : null;
  const at = 'at' in result ? (result.at ?? now) : now;
  const isUnknown = (wasUnknown || result.result === 'unknown') && !isRepeatable(kind);
  const state = { attempts: attempts + 1, nextAttemptAt: now, reason, detail, isUnknown };
  const rule = DELIVERY_RESULTS[result.result].delivery;
  if (rule === 'ended') return { ...state, status: endOf(result.result) };
  if (rule === 'waits') return { ...state, status: 'queued', attempts, nextAttemptAt: at };
  if (rule === 'uncertain' && !isRepeatable(kind) && !canSearch)
    return { ...state, status: 'held', reason: 'unknown_outcome' };
  const next = nextAttemptAt(state.attempts, now);
  if (!next)
    return { ...state, status: isUnknown ? 'held' : 'rejected', reason: 'retries_exhausted', detail: reason };
  return { ...state, status: 'queued', nextAttemptAt: next > at ? next : at };
}

function endOf(result: DeliveryResult['result']): DeliveryStatus {
  return result === 'unsendable' ? 'rejected' : (result as DeliveryStatus);
}

/** A fault of the connector that the results of a batch show. */
export interface BatchFault {
  fault: ChannelFault;
  reason: string;
  /** Until when the system asks to wait. */
  until: Date | null;
}

/** `works` if a row got through; null if no row says anything about the connector. */
export function faultShownBy(results: readonly DeliveryResult[]): BatchFault | 'works' | null {
  const first = (fault: ResultRule['connector']) =>
    results.find(({ result }) => DELIVERY_RESULTS[result].connector === fault);
  const refused = first('channel_fault') ?? first('rate_limited');
  if (!refused && first('works')) return 'works';
  const shown = refused ?? first('unreachable');
  if (!shown || !('code' in shown)) return null;
  const fault = DELIVERY_RESULTS[shown.result].connector as ChannelFault;
  const until = shown.result === 'quota' ? (shown.at ?? null) : null;
  return { fault, until, reason: fault === 'unreachable' ? shown.code : `${shown.result} ${shown.code}` };
}
