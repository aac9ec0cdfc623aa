import { isRecord, readRelatedObject, type RelatedObject, textOrNull } from './received-event.js';

/** Stripe's report about an event that it failed to generate. */
export interface GenerationFailure {
  missingType: string | null;
  relatedObject: RelatedObject;
  /** The connected account that owns the object; null for our own account. */
  account: string | null;
}

/**
 * Reads the `data` of a `v2.core.health.event_generation_failure.resolved` event. Older API versions give the
 * id of the object alone, and `account` instead of `context`.
 */
export function readGenerationFailure(event: unknown): GenerationFailure {
  const data = isRecord(event) && isRecord(event.data) ? event.data : {};
  const impact = isRecord(data.impact) ? data.impact : {};
  return {
    missingType: textOrNull(impact.event_type),
    relatedObject: readRelatedObject(impact.related_object) ?? guessObject(impact.related_object_id),
    account: textOrNull(impact.context) ?? textOrNull(impact.account),
  };
}

function guessObject(value: unknown): RelatedObject {
  const id = textOrNull(value) ?? '';
  const [prefix = ''] = id.split('_');
  return { id, type: TYPES_BY_PREFIX.get(prefix) ?? 'unknown' };
}

const TYPES_BY_PREFIX: ReadonlyMap<string, string> = new Map([
  ['cus', 'customer'],
  ['sub', 'subscription'],
  ['in', 'invoice'],
  ['du', 'dispute'],
  ['dp', 'dispute'],
]);
