import { GuardedController } from './guarded-controller.js';

/** A controller for the MINGUS application, about one of its users. Its routes need a service key. */
export function ServiceController(path: string): ClassDecorator {
  const roles = { reading: 'service', acting: 'service' } as const;
  return GuardedController({ path, tag: 'service', scheme: 'service', roles });
}
