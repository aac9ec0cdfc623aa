/** What a key may do: read, act, manage keys and erasure; or call for MINGUS's application. */
export type Role = 'viewer' | 'operator' | 'admin' | 'service';

export const ROLES: readonly Role[] = ['viewer', 'operator', 'admin', 'service'];

const RANKS = { viewer: 0, operator: 1, admin: 2 };

/** Whether a key of this role may do what needs another: each role may what the ones before it may, `service` only its own. */
export function includesRole(role: Role, required: Role): boolean {
  if (role === 'service' || required === 'service') return role === required;
  return RANKS[role] >= RANKS[required];
}

/** Who calls, or runs a command. */
export interface Caller {
  type: 'operator' | 'service';
  /** Id of the key; `bootstrap` and `environment` are the environment's, `cli` has none. */
  id: string;
  name: string;
  role: Role;
}
