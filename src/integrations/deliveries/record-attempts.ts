import type { EntityManager } from 'typeorm';
import { uuidv7 } from '../../platform/database/uuid.js';
import { scrub } from '../../platform/logging/scrub.js';
import type { DeliveryResult } from './delivery-results.js';

const DETAIL_LENGTH_MAX = 300;

/** A delivery with what came of its attempt. */
export interface AttemptMade {
  delivery: { id: string };
  result: DeliveryResult;
}

/** Adds a row per attempt, all with one statement. Where nothing was to be sent, no attempt was made. */
export async function recordAttempts(
  manager: EntityManager,
  made: readonly AttemptMade[],
  attemptedAt: Date,
): Promise<void> {
  const durationMs = Date.now() - attemptedAt.getTime();
  const rows = made.flatMap(({ delivery, result: { result, ...shown } }) => {
    if (result === 'unchanged' || result === 'cancelled') return [];
    const code = 'code' in shown ? shown.code : null;
    const detail = 'detail' in shown ? shortened(shown.detail) : null;
    return [{ id: uuidv7(), deliveryId: delivery.id, result, code, detail, durationMs, attemptedAt }];
  });
  if (rows.length > 0) await manager.query(RECORD, [JSON.stringify(rows)]);
}

/** The beginning of what a system answered. */
export function shortened(detail: string | null | undefined): string | null {
  return detail ? scrub(detail).slice(0, DETAIL_LENGTH_MAX) : null;
}

/** What the system answered about a person may name the person, so it is not kept after an erasure. */
const RECORD = `
  insert into delivery_attempts (id, delivery_id, result, code, detail, duration_ms, attempted_at)
  select made.id, "deliveryId", result, code, case when made.detail is not null and not exists (
      select from deliveries join connector_erasures erasure using (connector, customer_id)
      where deliveries.id = "deliveryId") then made.detail end, "durationMs", "attemptedAt"
  from json_to_recordset($1::json) as made (id uuid, "deliveryId" uuid, result text, code text, detail text,
    "durationMs" integer, "attemptedAt" timestamptz)`;
