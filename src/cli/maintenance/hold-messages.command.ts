import type { INestApplicationContext } from '@nestjs/common';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';
import { NotificationOperations } from '../../notifications/notification-operations.service.js';

/** Holds all queued messages and prints their number. */
export async function holdMessages(
  app: INestApplicationContext,
  _args: object,
  output: Output,
): Promise<number> {
  const count = await app.get(NotificationOperations, { strict: false }).holdQueued();
  output.line(`${count} messages are held; resend each that was not sent (see docs/production.md)`);
  output.document({ held: count });
  return EXIT.done;
}
