import { GuardedController } from '../access/guarded-controller.js';

/** A controller under `/admin`: reading (GET) needs a viewer's key, acting an operator's, if no `@Requires` says otherwise. */
export function AdminController(path: string): ClassDecorator {
  const roles = { reading: 'viewer', acting: 'operator' } as const;
  return GuardedController({ path: `admin/${path}`, tag: path, scheme: 'operators', roles });
}
