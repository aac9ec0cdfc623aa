import { uuidv7 } from '../platform/database/uuid.js';
import { currentCause } from '../platform/cause.js';
import type { AuditEntry } from './audit-entry.entity.js';
import { NOTHING_PERSONAL, personalValues } from './personal-values.js';

/** What the entries about acts of people and of the service itself have in common. */
export function doneBy(actorType: Exclude<AuditEntry['actorType'], 'stripe'>) {
  const { caller, ip } = currentCause();
  const isCaller = actorType === 'operator';
  return {
    id: uuidv7(),
    actorType,
    actorId: (isCaller && caller?.id) || null,
    actorName: (isCaller && caller?.name) || null,
    source: sourceOf(actorType, caller?.id),
    stripeEventId: null,
    processingMs: null,
    occurredAt: new Date(),
    ...behind(),
    ...(actorType === 'customer' && !caller && ip ? personalValues({ ip }) : NOTHING_PERSONAL),
  };
}

/** The request or job behind an entry. */
export function behind(): Pick<AuditEntry, 'requestId' | 'ip' | 'jobId'> {
  const { requestId, ip, caller, jobId } = currentCause();
  return {
    ...(requestId ? { requestId } : {}),
    ...(caller && ip ? { ip } : {}),
    ...(jobId ? { jobId } : {}),
  };
}

function sourceOf(actorType: AuditEntry['actorType'], callerId?: string): string {
  if (callerId === 'cli') return 'cli';
  return actorType === 'operator' && callerId ? 'admin_api' : 'job';
}
