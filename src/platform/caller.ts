/** The role of a key: read, act, manage keys and erasures; or call for the MINGUS application; or send events. */
export type Role = 'viewer' | 'operator' | 'admin' | 'service' | 'collector';

export const ROLES: readonly Role[] = ['viewer', 'operator', 'admin', 'service', 'collector'];

const RANKS: Partial<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

/**
 * Whether a role includes another one. `operator` includes `viewer`, and `admin` both. `service` and `collector` include
 * only themselves.
 */
export function includesRole(role: Role, required: Role): boolean {
  const [rank, requiredRank] = [RANKS[role], RANKS[required]];
  return rank === undefined || requiredRank === undefined ? role === required : rank >= requiredRank;
}

/** The caller of a route or command. */
export interface Caller {
  type: 'operator' | 'service';
  /** The id of the key; `bootstrap` and `environment` for keys in the environment, `cli` for commands. */
  id: string;
  name: string;
  role: Role;
}
