import type { TestDatabase } from '../database/test-database.js';

/** An experiment as it is stored. */
export interface StoredExperiment {
  name: string;
  status: 'draft' | 'running' | 'stopped';
  startedAt: Date;
  /** The weights of the arms by their keys, the control first. */
  weights: Readonly<Record<string, number>>;
  phases: number;
  goals: readonly object[];
  guardrails: readonly object[];
}

/** @returns the ids of its phases */
export async function storeExperiment(database: TestDatabase, stored: StoredExperiment): Promise<number[]> {
  const { name, status, startedAt, weights, phases, goals, guardrails } = stored;
  const arms = Object.entries(weights).map(([key, weight]) => ({
    key,
    weight,
    treatment: { messages: [], parameters: {} },
  }));
  const rows = await database.rows(
    `with stored as (
       insert into experiments (name, description, status, goals, guardrails, created_at, started_at)
       values ($1, '', $2, $3, $4, $5, case when $2 <> 'draft' then $5::timestamptz end) returning id, started_at
     )
     insert into experiment_phases (experiment_id, number, seed, arms, coverage, started_at)
     select id, number, 'seed', $6, 1, started_at from stored, generate_series(1, $7::integer) as number order by number
     returning id`,
    [
      name,
      status,
      JSON.stringify(goals),
      JSON.stringify(guardrails),
      startedAt,
      JSON.stringify(arms),
      phases,
    ],
  );
  return rows.map(({ id }) => Number(id));
}
