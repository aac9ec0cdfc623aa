import type {
  ReconciliationDto,
  ReconciliationFindingDto,
} from '../../src/webhooks/reconciliation/reconciliation.dto.js';
import type { Fields } from './builders.js';
import type { TestApp } from './test-app.js';
import { waitFor } from './wait-for.js';

export { NO_DRIFT } from '../../src/webhooks/reconciliation/reconciliation.entity.js';

/** A finished reconciliation and its findings, oldest first. */
export interface Reconciled {
  report: ReconciliationDto;
  findings: ReconciliationFindingDto[];
}

/** Starts a reconciliation and waits for its end. */
export async function reconcile(service: TestApp, request: Fields = {}): Promise<Reconciled> {
  const { status, body } = await service.admin('reconciliations', request);
  if (status !== 202) throw new Error(`Not started: ${JSON.stringify(body)}`);
  return reconciled(service, body.id);
}

/** Waits for the end of a reconciliation. */
export async function reconciled(service: TestApp, id: string): Promise<Reconciled> {
  const report = await waitFor('reconciliation ended', async () => {
    const { body } = await service.admin(`reconciliations/${id}`);
    return body.status === 'running' ? null : (body as ReconciliationDto);
  });
  const { body } = await service.admin(`reconciliations/${id}/findings?limit=100`);
  return { report, findings: body.items.toReversed() };
}
