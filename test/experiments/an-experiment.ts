import { randomBytes } from 'node:crypto';
import { bucketOf } from '../../src/platform/bucketing/hash-bucket.js';
import type { Fields } from '../support/builders.js';
import { request, SERVICE_KEY, type TestApp } from '../support/test-app.js';

/** The body of a valid experiment with two arms of one half each. */
export function anExperiment(name: string, fields: Fields = {}): Fields & { name: string } {
  return {
    name,
    arms: [
      { key: 'a', weight: 0.5 },
      { key: 'b', weight: 0.5 },
    ],
    goals: [{ type: 'milestone', name: 'activation', milestone: 'activated', withinDays: 14 }],
    ...fields,
  };
}

/** Two arms of one half each; what the second one does. */
export const armsWith = (treatment: Fields) => [
  { key: 'a', weight: 0.5 },
  { key: 'b', weight: 0.5, treatment },
];

/** Defines and starts an experiment. */
export async function startExperiment(
  service: TestApp,
  experiment: Fields & { name: string },
): Promise<void> {
  const defined = await service.admin('experiments', experiment);
  if (defined.status !== 201) throw new Error(JSON.stringify(defined.body));
  const started = await service.admin(`experiments/${experiment.name}/start`, {});
  if (started.status !== 200) throw new Error(JSON.stringify(started.body));
}

/** Stops and decides all that run, so that later tests are alone. */
export async function endExperiments(service: TestApp): Promise<void> {
  for (const { name } of (await service.admin('experiments?status=running&limit=100')).body.items) {
    await service.admin(`experiments/${name}/stop`, {});
    await service.admin(`experiments/${name}/decide`, { reason: 'The test has ended.' });
  }
}

/** An id of a user that no other test has, whose bucket is in [from, to). */
export function aUserIn(seed: string, from: number, to: number): string {
  for (;;) {
    const id = `user-${randomBytes(8).toString('hex')}`;
    const bucket = bucketOf(seed, id);
    if (bucket >= from && bucket < to) return id;
  }
}

/** A user that gets the arm of an experiment with two arms of one half each. */
export const aUserOf = (experiment: string, arm: 'a' | 'b') =>
  arm === 'a' ? aUserIn(`${experiment}:1`, 0, 0.5) : aUserIn(`${experiment}:1`, 0.5, 1);

/** Reports a milestone of a user as MINGUS does, as reached now. */
export async function reportMilestone(service: TestApp, userId: string, milestone: string): Promise<void> {
  const { status } = await request(`${service.url}/users/${userId}/milestones`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SERVICE_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ milestone }),
  });
  if (status !== 200) throw new Error(`The milestone is answered ${status}`);
}
