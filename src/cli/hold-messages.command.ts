import type { INestApplicationContext } from '@nestjs/common';
import { NotificationOperations } from '../notifications/notification-operations.service.js';

/** Holds all queued messages, and tells how many. @returns the exit code */
export async function holdMessages(app: INestApplicationContext): Promise<number> {
  const count = await app.get(NotificationOperations, { strict: false }).holdQueued();
  process.stdout.write(
    `${count} messages are held; resend each that was not sent (see docs/production.md)\n`,
  );
  return 0;
}
