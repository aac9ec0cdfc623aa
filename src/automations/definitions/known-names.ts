import type { Capability } from '../../integrations/connectors/connector.js';

/** What definitions can name in this installation. */
export interface KnownNames {
  segments: ReadonlySet<string>;
  milestones: readonly string[];
  /** What the system of each connector can do. */
  connectors: ReadonlyMap<string, readonly Capability[]>;
}
