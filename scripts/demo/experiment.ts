import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ExperimentResultsDto,
  PhaseResultDto,
} from '../../src/experiments/results/experiment-results.dto.js';
import type { UserExperimentsDto } from '../../src/experiments/users/user-experiments.dto.js';
import { ask, call, keyOf, type Service } from './api.js';

/** With those of the demo's customers, enough units for a check of the sample ratio. */
const VISITORS = 120;
const KNOWN_WITHIN_MS = 15_000;

/** An experiment of the demo, which runs. */
export interface DemoExperiment {
  name: string;
  run: string;
  /** MINGUS's own key. */
  key: string;
}

/** Starts an experiment about the checkout, and waits until users get arms. */
export async function startExperiment(service: Service, run: string): Promise<DemoExperiment> {
  const experiment = { name: `checkout-${run}`, run, key: await keyOf(service, 'service', run) };
  await ask(service, 'experiments', {
    name: experiment.name,
    arms: [
      { key: 'control', weight: 0.5, treatment: { parameters: { checkout: 'long' } } },
      { key: 'short', weight: 0.5, treatment: { parameters: { checkout: 'short' } } },
    ],
    coverage: 1,
    goals: [{ type: 'milestone', name: 'payment', milestone: 'first_payment', withinDays: 14 }],
  });
  await ask(service, `experiments/${experiment.name}/start`, {});
  for (const startedAt = Date.now(); (await assignVisitor(service, experiment, 0)) === 0; await sleep(100))
    if (Date.now() - startedAt > KNOWN_WITHIN_MS) throw new Error('The experiment assigns no arms');
  return experiment;
}

/**
 * Prints the arms of new customers, assigns arms to visitors who are no customers yet, and prints whether the units are
 * spread as the weights say.
 * @param users of the new customers
 * @returns whether each customer has an arm, and the spread could be checked
 */
export async function demoExperiment(
  service: Service,
  experiment: DemoExperiment,
  users: readonly string[],
): Promise<boolean> {
  const { name, key } = experiment;
  process.stdout.write('\nAn experiment\n');
  let good = true;
  for (const user of users) {
    const url = `${service.url}/users/${user}/experiments`;
    const { experiments } = await call<UserExperimentsDto>(url, key);
    const own = experiments.find((arm) => arm.experiment === name);
    good &&= own !== undefined;
    process.stdout.write(
      `    ${own ? 'ok ' : 'BAD'} ${user} has the arm ${own?.arm}, parameters ${JSON.stringify(own?.parameters)}\n`,
    );
  }
  for (let number = 1; number < VISITORS; number += 1) await assignVisitor(service, experiment, number);
  const results = await ask<ExperimentResultsDto>(service, `experiments/${name}/results?counted=now`);
  for (const { arm, units, open } of results.goals[0]?.arms ?? [])
    process.stdout.write(`      ${arm.padEnd(8)} payment within 14 days: ${units} closed, ${open} open\n`);
  await ask(service, `experiments/${name}/stop`, {});
  return results.phases.every(printRatio) && good;
}

function printRatio({ arms, sampleRatio }: PhaseResultDto): boolean {
  const counts = arms.map(({ arm, units }) => `${arm} ${units}`).join(' : ');
  process.stdout.write(
    `    ${sampleRatio ? 'ok ' : 'BAD'} sample ratio ${counts}, χ² ${sampleRatio?.chiSquare.toFixed(2)}, ` +
      `p ${sampleRatio?.p.toFixed(3)}: ${sampleRatio?.verdict}\n`,
  );
  return sampleRatio !== null;
}

/** @returns the number of arms that the visitor has */
async function assignVisitor(
  service: Service,
  { run, key }: DemoExperiment,
  number: number,
): Promise<number> {
  const id = `visitor-${number}-${run}`;
  const email = `visitor-${number}.${run}@example.org`;
  await ask(service, 'users', { id, name: 'Visitor', email, createdAt: new Date().toISOString() });
  const url = `${service.url}/users/${id}/experiments`;
  const { experiments } = await call<UserExperimentsDto>(url, key, {});
  return experiments.length;
}
