import type { EventOrigin } from '../events/stripe-customer.js';
import { uuidv7 } from '../platform/database/uuid.js';
import { type Cause, currentCause } from '../platform/cause.js';
import type { AuditEntry } from './audit-entry.entity.js';
import { NOTHING_PERSONAL, personalValues } from './personal-values.js';

/** The actor of an act that Stripe did not cause. */
export type Actor = Exclude<AuditEntry['actorType'], 'stripe'>;

/** The common columns of entries about acts of people and of the service itself. */
export function doneBy(actorType: Actor) {
  const { caller, ip, jobId } = currentCause();
  const isCaller = actorType === 'operator';
  return {
    id: uuidv7(),
    // A job that no operator started acts as the system.
    actorType: isCaller && !caller && jobId ? 'system' : actorType,
    actorId: (isCaller && caller?.id) || null,
    actorName: (isCaller && caller?.name) || null,
    source: sourceOf(actorType, { caller, jobId }),
    stripeEventId: null,
    processingMs: null,
    occurredAt: new Date(),
    ...behind(),
    ...(actorType === 'customer' && !caller && ip ? personalValues({ ip }) : NOTHING_PERSONAL),
  };
}

/** An act and its object, with the columns that differ from those of other acts. */
export type AuditedAct = { object: readonly [type: string, id: string] } & Pick<
  AuditEntry,
  'action' | 'details'
> &
  Partial<AuditEntry>;

/** An entry about an act of people or of the service itself. */
export function entryBy(actor: Actor, { object: [objectType, objectId], ...act }: AuditedAct): AuditEntry {
  return { ...doneBy(actor), customerId: null, objectType, objectId, ...act };
}

/**
 * An entry about a customer, caused by an event from Stripe. Its actor is Stripe, or the operator who
 * replayed or linked the event or started the comparison that found it. Built as one literal, because
 * spreading its parts allocated 4 KB for every event.
 */
export function entryByStripe(
  origin: EventOrigin,
  action: string,
  { customerId, stripeCustomerId }: { customerId: string; stripeCustomerId: string },
  details: AuditEntry['details'],
): AuditEntry {
  const now = new Date();
  const { requestId, ip, jobId } = behind();
  const { caller } = currentCause();
  const operator = caller?.type === 'operator' ? caller : null;
  return {
    id: uuidv7(),
    customerId,
    action,
    actorType: operator ? 'operator' : 'stripe',
    actorId: operator ? operator.id : origin.requestId,
    actorName: operator ? operator.name : null,
    objectType: 'customer',
    objectId: stripeCustomerId,
    source: origin.imported ? 'reconciliation' : 'webhook',
    stripeEventId: origin.stripeEventId,
    requestId,
    ip,
    jobId,
    details: operator ? { ...details, stripeRequestId: origin.requestId } : details,
    processingMs: now.getTime() - Date.parse(origin.receivedAt),
    occurredAt: now,
    personal: null,
    personalSalt: null,
    personalDigest: null,
  };
}

/** The request or job that caused an entry. */
function behind(): Pick<AuditEntry, 'requestId' | 'ip' | 'jobId'> {
  const { requestId, ip, caller, jobId } = currentCause();
  return {
    ...(requestId ? { requestId } : {}),
    ...(caller && ip ? { ip } : {}),
    ...(jobId ? { jobId } : {}),
  };
}

function sourceOf(actorType: AuditEntry['actorType'], { caller, jobId }: Cause): string {
  if (jobId) return 'job';
  if (caller?.id === 'cli') return 'cli';
  return actorType === 'operator' && caller ? 'admin_api' : 'job';
}
