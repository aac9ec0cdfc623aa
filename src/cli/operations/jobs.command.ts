import type { INestApplicationContext } from '@nestjs/common';
import type { DeadJobDto } from '../../platform/jobs/dead-job.dto.js';
import { type DeadJobFilter, DeadJobs } from '../../platform/jobs/dead-jobs.service.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

/** Lists dead jobs. */
export async function listJobs(app: INestApplicationContext, _args: object, output: Output): Promise<number> {
  const jobs = await app.get(DeadJobs, { strict: false }).list();
  for (const job of jobs) output.line(lineOf(job));
  output.document(jobs);
  return EXIT.done;
}

/** Makes dead jobs run again. Fails if a given number is no dead job. */
export async function retryJobs(
  app: INestApplicationContext,
  filter: DeadJobFilter,
  output: Output,
): Promise<number> {
  const retried = await app.get(DeadJobs, { strict: false }).retry(filter);
  for (const job of retried) output.line(lineOf(job));
  output.line(`${retried.length} jobs run again`);
  const missing = (filter.ids ?? []).filter((id) => !retried.some((job) => job.id === id));
  output.document({ retried, missing });
  if (missing.length === 0) return EXIT.done;
  output.note(`No dead job: ${missing.join(', ')}`);
  return EXIT.failed;
}

/** Updates the statistics of the queue in PostgreSQL. */
export async function analyzeJobs(
  app: INestApplicationContext,
  _args: object,
  output: Output,
): Promise<number> {
  await app.get(DeadJobs, { strict: false }).analyze();
  output.line('PostgreSQL has new statistics of the queue');
  output.document({ analyzed: true });
  return EXIT.done;
}

function lineOf({ id, task, attempts, lastError, lastAttemptAt }: DeadJobDto): string {
  const error = (lastError ?? '').split('\n', 1)[0];
  return `${id}  ${task}  ${attempts} attempts  ${lastAttemptAt.toISOString()}  ${error}`;
}
