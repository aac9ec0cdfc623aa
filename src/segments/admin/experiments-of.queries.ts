import type { EntityManager } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';

/** The segments whose members take part in running experiments. */
export async function findEligible(manager: EntityManager): Promise<string[]> {
  const rows = await manager.query<{ segment: string }[]>(
    `select distinct segment from experiments where segment is not null and status = 'running'`,
  );
  return rows.map(({ segment }) => segment);
}

/** @throws DomainError segment_in_use with the names of the experiments */
export async function refuseUsedByExperiments(manager: EntityManager, segment: string): Promise<void> {
  const users = await manager.query<{ name: string }[]>(
    `select name from experiments where segment = $1 and status <> 'decided' order by 1`,
    [segment],
  );
  if (users.length > 0) {
    const names = users.map(({ name }) => name);
    throw new DomainError('segment_in_use', `Experiments are limited to ${segment}`, names);
  }
}
