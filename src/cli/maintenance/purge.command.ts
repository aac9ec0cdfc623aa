import type { INestApplicationContext } from '@nestjs/common';
import { PurgeExpiredRowsJob } from '../../platform/jobs/purge-expired-rows.job.js';
import { PurgeEventBodiesJob } from '../../webhooks/stored-events/retention/purge-event-bodies.job.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

/** Purges at once as two jobs do every night, and prints the numbers of removed rows. */
export async function purge(app: INestApplicationContext, _args: object, output: Output): Promise<number> {
  const bodies = await app.get(PurgeEventBodiesJob, { strict: false }).purge();
  output.line(`webhook_events: ${bodies} bodies erased`);
  const rows = await app.get(PurgeExpiredRowsJob, { strict: false }).purge();
  for (const [table, count] of Object.entries(rows)) output.line(`${table}: ${count} rows removed`);
  output.document({ bodies, rows });
  return EXIT.done;
}
