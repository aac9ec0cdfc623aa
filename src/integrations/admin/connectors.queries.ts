import type { EntityManager } from 'typeorm';
import type { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import type { ConnectorDto, DeliveryCountsDto, ConnectorStateDto } from './connector.dto.js';

type Row = ConnectorInstance & { mapping: object; counts: DeliveryCountsDto };

/** Connectors as the API shows them: without secrets. @param secretNames of a system */
export async function findConnectors(
  manager: EntityManager,
  name: string | null,
  secretNames: (system: string) => readonly string[],
): Promise<ConnectorDto[]> {
  const rows = await manager.query<Row[]>(CONNECTORS, [name]);
  return rows.map((row) => {
    const { system, enabled, enabledAt, settings, sendsPeople, events, mappingVersion, mapping, counts } =
      row;
    const secrets = Object.fromEntries(
      secretNames(system).map((secret) => [secret, placeOf(row.secrets[secret])]),
    );
    const shown = { name: row.name, system, enabled, enabledAt, settings, secrets, sendsPeople, events };
    return { ...shown, mappingVersion, mapping, state: stateOf(row), deliveries: counts };
  });
}

function placeOf(stored: string | undefined): ConnectorDto['secrets'][string] {
  if (stored === undefined) return 'missing';
  return stored.startsWith('env:') ? 'environment' : 'stored';
}

function stateOf({
  enabled,
  failures,
  fault,
  faultSince,
  pausedUntil,
  lastSuccessAt,
}: Row): ConnectorStateDto {
  const state = !enabled ? 'disabled' : pausedUntil ? 'paused' : failures > 0 ? 'failing' : 'works';
  return { state, fault, faultSince, pausedUntil, lastSuccessAt };
}

const CONNECTORS = `
  select name, system, enabled, enabled_at as "enabledAt", settings, secrets, sends_people as "sendsPeople", events,
    mapping_version as "mappingVersion", failures, fault, fault_since as "faultSince", paused_until as "pausedUntil",
    last_success_at as "lastSuccessAt", fields as mapping, counts
  from connectors
  join connector_mappings on connector = name and version = mapping_version
  cross join lateral (
    select jsonb_build_object('queued', count(*) filter (where status in ('queued', 'delivering')),
      'held', count(*) filter (where status = 'held'), 'rejected', count(*) filter (where status = 'rejected'),
      'oldestQueuedAt', min(deliveries.created_at) filter (where status in ('queued', 'delivering'))) as counts
    from deliveries where deliveries.connector = name and status in ('queued', 'delivering', 'held', 'rejected')
  ) as counted
  where $1::text is null or name = $1
  order by name`;
