/** The state of the service in the database; the same in every process. */
export interface ServiceState {
  jobs: Record<string, number>;
  oldestReadySeconds: number;
  /** Workers that have sent a heartbeat within `WORKER_LEASE_SECONDS`. */
  workers: number;
  openEvents: Record<string, number>;
  oldestFetchingSeconds: number;
  /** Whether a channel is paused, or was paused within ten minutes and has had no success since. */
  pausedChannels: Record<string, boolean>;
  /** The duration of the oldest of these faults. */
  channelDownSeconds: number;
  /** The reply or error code of the last fault of a channel. It is kept until ten minutes after the pause. */
  channelFaults: Record<string, string>;
  findings: Record<string, number>;
  /** Customers whose stored revenue is not the sum of its movements. */
  revenueDifferences: number;
  /** Experiments whose units are not spread as the weights of their arms say. */
  sampleRatioMismatches: number;
  /** The age of the oldest kept answer to a saved question, or how long the first one has been wanted. */
  rollupsBehindSeconds: number;
  /** How long the oldest change of segments that is due, or not yet in the lists, has waited. */
  segmentsBehindSeconds: number;
  /** By how long the training or the scoring of a prediction is late: more than 26 h, or 3 h, since the last one. */
  predictionsLateSeconds: number;
  /** The greatest drift of a feature by prediction; missing while it is unknown. */
  predictionDrifts: Record<string, number>;
  /** How long the oldest fact has waited for connectors or automations to read it from the outbox. */
  outboxBehindSeconds: number;
  /** Enabled connectors with a fault that has lasted, and the fault in one word. */
  connectorFaults: Record<string, string>;
  /** The duration of the oldest of these faults. */
  connectorDownSeconds: number;
  /** How long the oldest delivery that is due has waited, by enabled connector; backfills and caps left out. */
  deliveriesBehindSeconds: Record<string, number>;
  /** Deliveries that were rejected within 24 hours, by connector. */
  rejectedDeliveries: Record<string, number>;
  /** Deliveries that wait for the decision of an operator, by connector. */
  heldDeliveries: Record<string, number>;
  /** Erasures that a system has refused, or has not done within 24 hours. */
  unsettledErasures: number;
  /** How long the oldest run of an enabled automation has been due. */
  automationsBehindSeconds: number;
  /** Runs of automations that are under way, by state. */
  automationRuns: Record<string, number>;
  /** Runs of automations that failed within 24 hours. */
  automationFailures: number;
  /** Names of the alerts that fire. */
  firing: string[];
}
