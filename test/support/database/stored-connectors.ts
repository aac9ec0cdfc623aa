import type { FactTypeName } from '../../../src/events/integrations/fact-types.js';
import { CONNECTOR_FEED } from '../../../src/integrations/deliveries/connector-feed.consumer.js';
import type { Mapping } from '../../../src/integrations/mapping/mapping.js';
import type { BrokenPromises, RunSql } from './invariants.js';
import { readFromStart, UNREAD_FACTS } from './stored-outbox.js';

/** A connector with no limit of rate. It sends persons if it has a mapping. */
export interface StoredConnector {
  name: string;
  system: string;
  settings: object;
  secrets: Record<string, string>;
  mapping?: Mapping;
  events?: FactTypeName[];
}

/** Stores connectors that are enabled, in a database without customers. */
export async function storeConnectors(sql: RunSql, connectors: readonly StoredConnector[]): Promise<void> {
  await readFromStart(sql, CONNECTOR_FEED);
  for (const { name, system, settings, secrets, mapping, events = [] } of connectors) {
    await sql(
      `insert into connectors (name, system, enabled, enabled_at, settings, secrets, sends_people, events,
         mapping_version, failures, requests_per_second, created_at, updated_at)
       values ($1, $2, true, now(), $3, $4, $5, $6, 1, 0, 0, now(), now())`,
      [name, system, settings, secrets, mapping !== undefined, JSON.stringify(events)],
    );
    await sql(
      'insert into connector_mappings (connector, version, fields, created_at) values ($1, 1, $2, now())',
      [name, mapping ?? {}],
    );
  }
}

/** Makes due what waits for its next attempt. */
export async function retryNow(sql: RunSql): Promise<void> {
  await sql(
    `update deliveries set next_attempt_at = now() where status = 'queued' and next_attempt_at > now()`,
  );
}

/** Whether all deliveries have ended. */
export async function hasNoDeliveryLeft(sql: RunSql): Promise<boolean> {
  const [row] = await sql(
    `select not exists (select from deliveries where status in ('queued', 'delivering')) as done`,
  );
  return row?.done === true;
}

/** What systems have got. Each text of `tickets` is the reference of a ticket. */
export interface Arrived {
  contacts: { customerId: string; email: string | null; stage: string | null }[];
  tickets: string[];
  /** In the order of arrival, without repeated ones. */
  events: { customerId: string; type: string; sequence: number }[];
}

/**
 * Looks for facts with gaps, facts that were not read, deliveries that did not arrive, and differences between the
 * database and what systems have got. Call it when no delivery is left.
 */
export async function findWrongDeliveries(sql: RunSql, arrived: Arrived): Promise<BrokenPromises> {
  const found: BrokenPromises = {};
  const ask = async (name: string, question: string, given?: unknown) => {
    const rows = await sql(`${question} limit 20`, given === undefined ? [] : [JSON.stringify(given)]);
    if (rows.length > 0) found[name] = rows;
  };
  for (const [name, question] of Object.entries(IN_DATABASE)) await ask(name, question);
  await ask('wrong_contacts', WRONG_CONTACTS, arrived.contacts);
  await ask('wrong_tickets', WRONG_TICKETS, arrived.tickets);
  await ask('wrong_tracked_events', WRONG_EVENTS, arrived.events);
  await ask('events_out_of_order', OUT_OF_ORDER, arrived.events);
  return found;
}

const IN_DATABASE = {
  gaps_in_facts: `
    select customers.id, count(sequence), min(sequence), max(sequence)
    from customers left join outbox on outbox.customer_id = customers.id
    group by customers.id
    having min(sequence) is distinct from 1 or max(sequence) <> count(sequence)`,
  unread_facts: UNREAD_FACTS,
  wrong_delivery_states: `
    select id, connector, kind, status, reason, detail, attempts from deliveries
    where status not in ('accepted', 'unchanged')`,
};

/** Each customer has one contact, with the address and the stage of the customer. */
const WRONG_CONTACTS = `
  with contacts as (
    select * from json_to_recordset($1::json) as contact ("customerId" uuid, email text, stage text)
  ), kept as (
    select customers.id, customers.email, stage
    from customers left join customer_lifecycles on customer_id = customers.id
    where deleted_at is null
  )
  select kept.id, kept.email, kept.stage, json_agg(contacts) as contacts
  from kept full join contacts on "customerId" = kept.id
  group by kept.id, kept.email, kept.stage
  having kept.id is null or count("customerId") <> 1
    or bool_or(contacts.email is distinct from lower(kept.email) or contacts.stage is distinct from kept.stage)`;

/** Each customer has one ticket. A ticket has the id of its delivery. */
const WRONG_TICKETS = `
  with tickets as (
    select customer_id, reference
    from json_array_elements_text($1::json) as reference left join deliveries on deliveries.id::text = reference
  )
  select customers.id, array_agg(reference) as tickets
  from (select id from customers where deleted_at is null) as customers
  full join tickets on customer_id = customers.id
  group by customers.id
  having customers.id is null or count(reference) <> 1`;

const EVENTS = `
  rows from (json_to_recordset($1::json) as ("customerId" uuid, type text, sequence bigint))
    with ordinality as event ("customerId", type, sequence, place)`;

/** Each fact of a type that is sent arrived once. */
const WRONG_EVENTS = `
  with facts as (
    select customer_id, sequence, type from outbox
    where exists (select from connectors where events ? outbox.type)
  )
  select coalesce(customer_id, "customerId") as customer_id, coalesce(facts.sequence, event.sequence) as sequence,
    count(facts.sequence) as facts, count(event.sequence) as events
  from facts full join ${EVENTS}
    on "customerId" = customer_id and event.sequence = facts.sequence and event.type = facts.type
  group by 1, 2
  having count(facts.sequence) <> 1 or count(event.sequence) <> 1`;

/** The events of a customer arrive in the order of their facts. */
const OUT_OF_ORDER = `
  select * from (
    select "customerId", sequence, lag(sequence) over (partition by "customerId" order by place) as before
    from ${EVENTS}
  ) as ordered
  where before > sequence`;
