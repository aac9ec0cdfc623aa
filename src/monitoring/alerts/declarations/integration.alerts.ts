import { type AlertDeclaration, ANY, threshold } from './alert-declaration.js';
import { amount, type Measurement } from './measurement.js';

/** Alerts about what leaves this service. */
export const INTEGRATION_ALERTS = {
  /** How long the oldest fact has waited for connectors or automations. */
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
  /** How long the oldest delivery has been due to a connector that takes too few at a time, or none. */
  connector_behind: {
    severity: 'warning',
    title: 'A connector is behind',
    runbook: 'a-connector-is-behind',
    threshold: threshold(900, 300),
    measure: ({ state }) => {
      const seconds = Object.values(state.deliveriesBehindSeconds);
      const names = Object.keys(state.deliveriesBehindSeconds).join(', ');
      return amount(Math.max(0, ...seconds), `seconds is how long the oldest delivery has waited (${names})`);
    },
    prometheus: {
      name: 'ConnectorBehind',
      expr: 'max by (connector) (connector_behind_seconds) > $fire',
      forMinutes: 5,
      summary: 'A delivery to {{ $labels.connector }} has waited for {{ $value | humanizeDuration }}',
    },
  },
  /** Deliveries that no attempt will bring to their system any more. */
  deliveries_rejected: {
    severity: 'warning',
    title: 'Deliveries to connectors are rejected',
    runbook: 'deliveries-to-connectors-are-rejected',
    threshold: threshold(10, 1),
    measure: ({ state }) => total(state.rejectedDeliveries, 'deliveries were rejected within 24 hours'),
    prometheus: {
      name: 'DeliveriesRejected',
      expr: 'max by (connector) (connector_undelivered{status="rejected"}) >= $fire',
      forMinutes: 5,
      summary: '{{ $value }} deliveries to {{ $labels.connector }} were rejected within 24 hours',
    },
  },
  /** Deliveries that may have arrived, so that an operator decides whether they are made again. */
  deliveries_held: {
    severity: 'warning',
    title: 'Deliveries to connectors are held',
    runbook: 'deliveries-to-connectors-are-held',
    threshold: ANY,
    measure: ({ state }) => total(state.heldDeliveries, 'deliveries wait for a decision'),
    prometheus: {
      name: 'DeliveriesHeld',
      expr: 'max by (connector) (connector_undelivered{status="held"}) >= $fire',
      forMinutes: 5,
      summary: '{{ $value }} deliveries to {{ $labels.connector }} wait for a decision',
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
  /** How long a run of an automation has been due. */
  automations_behind: {
    severity: 'warning',
    title: 'Automations are behind',
    runbook: 'automations-are-behind',
    threshold: threshold(120, 60),
    measure: ({ state }) =>
      amount(state.automationsBehindSeconds, 'seconds is how long the oldest run has been due'),
    prometheus: {
      name: 'AutomationsBehind',
      expr: 'max(automations_behind_seconds) > $fire',
      forMinutes: 5,
      summary: 'A run of an automation has been due for {{ $value | humanizeDuration }}',
    },
  },
  /** Runs that ended with an error. */
  automation_runs_failed: {
    severity: 'warning',
    title: 'Runs of automations fail',
    runbook: 'runs-of-automations-fail',
    threshold: threshold(10, 1),
    measure: ({ state }) => amount(state.automationFailures, 'runs failed within 24 hours'),
    prometheus: {
      name: 'AutomationRunsFailed',
      expr: 'max(automation_failures) >= $fire',
      forMinutes: 5,
      summary: '{{ $value }} runs of automations failed within 24 hours',
    },
  },
} as const satisfies Record<string, AlertDeclaration>;

function total(byConnector: Readonly<Record<string, number>>, what: string): Measurement {
  const counts = Object.entries(byConnector);
  const names = counts.map(([name, count]) => `${name}: ${count}`).join(', ');
  return amount(
    counts.reduce((sum, [, count]) => sum + count, 0),
    names ? `${what} (${names})` : what,
  );
}
