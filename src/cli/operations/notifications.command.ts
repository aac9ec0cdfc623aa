import type { INestApplicationContext } from '@nestjs/common';
import { type BulkFilter, NotificationBulk } from '../../notifications/notification-bulk.service.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

export interface NotificationsArguments {
  act: 'release' | 'cancel';
  filter: BulkFilter;
  isDryRun: boolean;
}

/** Releases or cancels all notifications that match a filter. */
export async function changeNotifications(
  app: INestApplicationContext,
  { act, filter, isDryRun }: NotificationsArguments,
  output: Output,
): Promise<number> {
  const bulk = app.get(NotificationBulk, { strict: false });
  if (isDryRun) {
    const ids = await bulk.find(filter);
    for (const id of ids) output.line(id);
    output.document({ ids });
    return EXIT.done;
  }
  const { done, refused } = act === 'release' ? await bulk.release(filter) : await bulk.cancel(filter);
  output.line(`${done} notifications ${act === 'release' ? 'are queued' : 'are cancelled'}`);
  for (const [code, count] of Object.entries(refused)) output.line(`${count} left as they were: ${code}`);
  output.document({ done, refused });
  return EXIT.done;
}
