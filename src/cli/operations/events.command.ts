import type { INestApplicationContext } from '@nestjs/common';
import { Refetch } from '../../webhooks/stored-events/fetching/refetch.service.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

/** Fetches the objects of thin events again. */
export async function refetchEvents(
  app: INestApplicationContext,
  { stripeEventId }: { stripeEventId?: string },
  output: Output,
): Promise<number> {
  const ids = await app.get(Refetch, { strict: false }).enqueue(stripeEventId);
  output.line(`${ids.length} events are fetched again`);
  output.document({ events: ids });
  return stripeEventId && ids.length === 0 ? EXIT.failed : EXIT.done;
}
