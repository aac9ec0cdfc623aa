import { NO_ARMS } from '../../../src/events/assigned-arm.js';
import type { KnownState } from '../../../src/webhooks/decision/known-state.js';

/** An empty database. */
export const NOTHING_KNOWN: KnownState = {
  events: new Map(),
  customers: new Map(),
  deletions: new Set(),
  erasures: new Set(),
  waiting: new Set(),
  users: new Map(),
  userIds: new Map(),
  notifiedKinds: new Map(),
  armsOf: () => NO_ARMS,
  billing: new Map(),
};
