import type { EntityManager } from 'typeorm';
import { smallestUuidOf } from '../../platform/database/uuid.js';
import type { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { attemptsToday } from '../deliveries/claims/daily-cap.js';
import type { ConnectorDto, ConnectorStateDto, DeliveryCountsDto } from './connector.dto.js';

type Row = ConnectorInstance & { mapping: object; counts: Omit<DeliveryCountsDto, 'attemptsToday'> };

const DAY_MS = 86_400_000;

/** Connectors as the API shows them: without secrets. @param secretNames of a system */
export async function findConnectors(
  manager: EntityManager,
  name: string | null,
  secretNames: (system: string) => readonly string[],
): Promise<ConnectorDto[]> {
  const dayAgo = smallestUuidOf(new Date(Date.now() - DAY_MS));
  const rows = await manager.query<Row[]>(CONNECTORS, [name, dayAgo]);
  const capped = rows.filter(({ maxPerDay }) => maxPerDay !== null).map((row) => row.name);
  const attempts = await attemptsToday(manager, capped);
  return rows.map((row) => {
    const {
      system,
      enabled,
      enabledAt,
      settings,
      sendsPeople,
      events,
      maxPerDay,
      requestsPerSecond,
      account,
      mappingVersion,
    } = row;
    const secrets = Object.fromEntries(
      secretNames(system).map((secret) => [secret, placeOf(row.secrets[secret])]),
    );
    const shown = { name: row.name, system, enabled, enabledAt, settings, secrets, sendsPeople, events };
    const deliveries = { ...row.counts, attemptsToday: attempts.get(row.name) ?? null };
    return {
      ...shown,
      maxPerDay,
      requestsPerSecond,
      account,
      mappingVersion,
      mapping: row.mapping,
      state: stateOf(row),
      deliveries,
    };
  });
}

function placeOf(stored: string | undefined): ConnectorDto['secrets'][string] {
  if (stored === undefined) return 'missing';
  return stored.startsWith('env:') ? 'environment' : 'stored';
}

function stateOf(row: Row): ConnectorStateDto {
  const { fault, faultSince, pausedUntil, lastSuccessAt } = row;
  const cappedUntil = row.cappedUntil && row.cappedUntil > new Date() ? row.cappedUntil : null;
  return {
    state: stateWord(row, cappedUntil !== null),
    fault,
    faultSince,
    pausedUntil,
    cappedUntil,
    lastSuccessAt,
  };
}

/** A pause that ended long ago means only that nothing was due since to test the connector. */
const PAUSE_ENDED_MS = 10 * 60_000;

function stateWord({ enabled, pausedUntil, failures }: Row, isCapped: boolean): ConnectorStateDto['state'] {
  if (!enabled) return 'disabled';
  if (pausedUntil && pausedUntil.getTime() > Date.now() - PAUSE_ENDED_MS) return 'paused';
  if (isCapped) return 'capped';
  return failures > 0 ? 'failing' : 'works';
}

/** `$2` is the smallest id of the last day. */
const CONNECTORS = `
  with recent as materialized (
    select connector, jsonb_object_agg(status, count) as counts from (
      select connector, status, count(*) from deliveries where id >= $2 group by connector, status
    ) as counted
    group by connector
  )
  select name, system, enabled, enabled_at as "enabledAt", settings, secrets, sends_people as "sendsPeople", events,
    max_per_day as "maxPerDay", requests_per_second as "requestsPerSecond", account, capped_until as "cappedUntil", mapping_version as "mappingVersion", failures, fault,
    fault_since as "faultSince", paused_until as "pausedUntil", last_success_at as "lastSuccessAt", fields as mapping,
    open.counts || jsonb_build_object('lastDay', coalesce(recent.counts, '{}')) as counts
  from connectors
  join connector_mappings on connector_mappings.connector = name and version = mapping_version
  left join recent on recent.connector = name
  cross join lateral (
    select jsonb_build_object('queued', count(*) filter (where status = 'queued'),
      'delivering', count(*) filter (where status = 'delivering'),
      'held', count(*) filter (where status = 'held'), 'rejected', count(*) filter (where status = 'rejected'),
      'oldestQueuedAt', min(deliveries.created_at) filter (where status in ('queued', 'delivering'))) as counts
    from deliveries where deliveries.connector = name and status in ('queued', 'delivering', 'held', 'rejected')
  ) as open
  where $1::text is null or name = $1
  order by name`;
