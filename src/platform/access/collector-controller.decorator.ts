import { GuardedController } from './guarded-controller.js';

/** A controller that takes events. Its routes need a key with the role `collector`, and open to no other key. */
export function CollectorController(path: string): ClassDecorator {
  const roles = { reading: 'collector', acting: 'collector' } as const;
  return GuardedController({ path, tag: 'behaviour', scheme: 'collector', roles });
}
