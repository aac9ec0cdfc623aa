import { type AlertDeclaration, threshold } from './alert-declaration.js';
import { amount } from './measurement.js';

/** Alerts about what leaves this service. */
export const INTEGRATION_ALERTS = {
  /** How long the oldest fact has waited for connectors, or the oldest delivery for its connector. */
  outbox_behind: {
    severity: 'warning',
    title: 'Facts wait to be relayed',
    runbook: 'facts-wait-to-be-relayed',
    threshold: threshold(120, 60),
    measure: ({ state }) =>
      amount(state.outboxBehindSeconds, 'seconds is how long the oldest fact has waited in the outbox'),
    prometheus: {
      name: 'OutboxBehind',
      expr: 'max(outbox_behind_seconds) > $fire',
      forMinutes: 5,
      summary: 'A fact has waited for {{ $value | humanizeDuration }} in the outbox',
    },
  },
  /** How long a connector has been paused: its credential is refused, its quota is used up, or it does not answer. */
  connector_paused: {
    severity: 'warning',
    title: 'A connector is paused',
    runbook: 'a-connector-is-paused',
    threshold: threshold(600, 1),
    measure: ({ state }) => {
      const faults = Object.entries(state.connectorFaults).map(([name, fault]) => `${name}: ${fault}`);
      return amount(state.connectorDownSeconds, `seconds is how long it has lasted (${faults.join(', ')})`);
    },
    prometheus: {
      name: 'ConnectorPaused',
      expr: 'max by (connector) (connector_paused) >= 1',
      forMinutes: 10,
      summary: 'The connector {{ $labels.connector }} is paused',
    },
  },
  /** Deliveries that no attempt will bring to their system any more. */
  deliveries_rejected: {
    severity: 'warning',
    title: 'Deliveries to connectors are rejected',
    runbook: 'deliveries-to-connectors-are-rejected',
    threshold: threshold(10, 1),
    measure: ({ state }) => amount(state.undelivered, 'deliveries were rejected or are held within 24 hours'),
    prometheus: {
      name: 'DeliveriesRejected',
      expr: 'max(connector_undelivered) >= $fire',
      forMinutes: 5,
      summary: '{{ $value }} deliveries were rejected or are held within 24 hours',
    },
  },
  /** Persons who are erased here and not in a system outside. */
  erasures_unsettled: {
    severity: 'critical',
    title: 'A person is not erased in a system outside',
    runbook: 'a-person-is-not-erased-in-a-system-outside',
    threshold: threshold(1, 1),
    measure: ({ state }) =>
      amount(
        state.unsettledErasures,
        'erasures were refused by their system, or have not been done for 24 hours',
      ),
    prometheus: {
      name: 'ErasuresUnsettled',
      expr: 'max(connector_erasures_unsettled) >= $fire',
      forMinutes: 5,
      summary: '{{ $value }} erasures were refused by their system, or have not been done for 24 hours',
    },
  },
} as const satisfies Record<string, AlertDeclaration>;
