import type { INestApplicationContext } from '@nestjs/common';
import { BehaviourMonths } from '../../behaviour/months/behaviour-months.service.js';
import { PurgeExpiredRowsJob } from '../../platform/jobs/purge-expired-rows.job.js';
import { PurgeEventBodiesJob } from '../../webhooks/stored-events/retention/purge-event-bodies.job.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

/** Purges at once as three jobs do every night, and prints the numbers of removed rows. */
export async function purge(app: INestApplicationContext, _args: object, output: Output): Promise<number> {
  const bodies = await app.get(PurgeEventBodiesJob, { strict: false }).purge();
  output.line(`webhook_events: ${bodies} bodies erased`);
  const expired = await app.get(PurgeExpiredRowsJob, { strict: false }).purge();
  const behaviour = await app.get(BehaviourMonths, { strict: false }).dropExpired();
  const rows = { ...expired, behaviour_events: behaviour };
  for (const [table, count] of Object.entries(rows)) output.line(`${table}: ${count} rows removed`);
  output.document({ bodies, rows });
  return EXIT.done;
}
