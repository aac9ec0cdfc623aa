import { GuardedController } from '../access/guarded-controller.js';

/** A controller for MINGUS itself, about one of its users: needs a service key. */
export function ServiceController(path: string): ClassDecorator {
  const roles = { reading: 'service', acting: 'service' } as const;
  return GuardedController({ path, tag: 'service', scheme: 'service', roles });
}
