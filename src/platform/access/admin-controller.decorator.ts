import { GuardedController } from './guarded-controller.js';

/**
 * A controller under `/admin`: GET routes need a viewer's key, all others an operator's, unless `@Requires`
 * declares another role.
 */
export function AdminController(path: string): ClassDecorator {
  const roles = { reading: 'viewer', acting: 'operator' } as const;
  return GuardedController({ path: `admin/${path}`, tag: path, scheme: 'operators', roles });
}
