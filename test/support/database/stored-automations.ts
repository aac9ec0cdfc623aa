import type { Definition } from '../../../src/automations/definitions/definition.js';
import type { BrokenPromises, RunSql } from './invariants.js';
import { readFromStart, UNREAD_FACTS } from './stored-outbox.js';

/** Each new customer gets an attribute, waits for its welcome, and gets a ticket of the connector `desk`. */
const DEFINITION: Definition = {
  when: { type: 'fact', fact: 'customer.created' },
  once: false,
  includeImported: true,
  steps: [
    { attribute: 'seen', value: true },
    {
      wait: {
        until: { type: 'milestone', milestone: 'welcomed', reached: true },
        timeout: { days: 1 },
        onTimeout: 'stop',
      },
    },
    {
      connector: 'desk',
      kind: 'createTicket',
      fields: { title: 'Hello {{customer.name}}', body: 'A new customer' },
    },
  ],
};

/** Stores an automation that is enabled, in a database without customers. */
export async function storeAutomation(sql: RunSql): Promise<void> {
  await sql(
    `insert into automations (name, version, enabled, enabled_at, overdue_until, created_at, updated_at)
     values ('greeting', 1, true, now(), now(), now(), now())`,
  );
  await sql(
    `insert into automation_versions (automation, version, definition, created_at) values ('greeting', 1, $1, now())`,
    [DEFINITION],
  );
  await readFromStart(sql, 'automations');
}

/** Whether all facts have been read and all runs have ended. */
export async function hasNoRunLeft(sql: RunSql): Promise<boolean> {
  const [row] = await sql(
    `select not exists (select from automation_runs where due_at is not null) and not exists (${UNREAD_FACTS}) as done`,
  );
  return row?.done === true;
}

/**
 * Looks for customers without exactly one run that is done, for steps without exactly one effect, and for effects without
 * their step. Call it when no run is left.
 */
export async function findWrongRuns(sql: RunSql): Promise<BrokenPromises> {
  const found: BrokenPromises = {};
  for (const [name, question] of Object.entries(QUESTIONS)) {
    const rows = await sql(`${question} limit 20`);
    if (rows.length > 0) found[name] = rows;
  }
  return found;
}

const QUESTIONS = {
  wrong_runs: `
    select id, state, count from customers
    left join lateral (
      select min(state) as state, count(*) from automation_runs where customer_id = customers.id
    ) as runs on true
    where deleted_at is null and (count <> 1 or state <> 'done')`,
  wrong_effects: `
    select runs.id, steps, effects, attributes from automation_runs runs
    cross join lateral (
      select array_agg(outcome || ' ' || step order by step) as steps from automation_steps where run_id = runs.id
    ) as ended
    cross join lateral (
      select count(*) as effects from deliveries
      where occurrence = 'automation ' || runs.id || ' 2' and customer_id = runs.customer_id
        and id in (select effect_id from automation_steps where run_id = runs.id)
    ) as delivered
    cross join lateral (
      select count(*) as attributes from customer_attributes where run_id = runs.id
    ) as kept
    where state = 'done'
      and (steps is distinct from '{set 0,came_true 1,queued 2}' or effects <> 1 or attributes <> 1)`,
  effects_without_step: `
    select id, occurrence from deliveries
    where occurrence like 'automation %' and id not in (
      select effect_id from automation_steps where effect_id is not null)`,
};
