/** The role of a key: read, act, manage keys and erasures; or call for the MINGUS application. */
export type Role = 'viewer' | 'operator' | 'admin' | 'service';

export const ROLES: readonly Role[] = ['viewer', 'operator', 'admin', 'service'];

const RANKS = { viewer: 0, operator: 1, admin: 2 };

/**
 * Whether a role includes another one. Each role includes the ones before it; `service` includes only itself.
 */
export function includesRole(role: Role, required: Role): boolean {
  if (role === 'service' || required === 'service') return role === required;
  return RANKS[role] >= RANKS[required];
}

/** The caller of a route or command. */
export interface Caller {
  type: 'operator' | 'service';
  /** The id of the key; `bootstrap` and `environment` for keys in the environment, `cli` for commands. */
  id: string;
  name: string;
  role: Role;
}
