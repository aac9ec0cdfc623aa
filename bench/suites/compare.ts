import { LoadGenerator } from '../load/load-generator.js';
import { type Concurrency, type Figure, isDisturbed, Measurement, type TargetFigures } from '../measure.js';
import { describeMachine, describeRun, type Goal, toMarkdown, writeSection } from '../report.js';
import { median } from '../statistics.js';
import type { Target } from '../targets.js';
import type { Workplace } from '../workplace.js';
import type { SuiteOptions } from './suite.js';

/** Where to write the figures of a comparison, and the goals they must reach. */
interface Comparison {
  /** A section of RESULTS.md. */
  section: string;
  title: string;
  targets: readonly Target[];
  toGoals: (figures: readonly TargetFigures[]) => Goal[];
}

/** Measures several targets in turn under the same load. */
export async function compare(
  workplace: Workplace,
  { plan, isRecorded }: SuiteOptions,
  { section, title, targets, toGoals }: Comparison,
): Promise<void> {
  const generator = LoadGenerator.start();
  workplace.defer(() => generator.stop());
  console.log(`Measuring (${plan.rounds} rounds)`);
  const figures = await new Measurement(workplace, generator, targets, plan).run();
  for (const target of targets) await target.assertStored();
  const markdown = toMarkdown(figures, toGoals(figures));
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  writeSection(section, `## ${title}\n\n${machine}\n${describeRun(plan)}\n\n${markdown}`);
  console.log('Written to bench/RESULTS.md');
}

/**
 * The ratio of a figure between two targets with the same number of connections: the median of the rounds in
 * which neither was disturbed.
 */
export function ratioOf(
  figure: Figure,
  one: TargetFigures | undefined,
  other: TargetFigures | undefined,
  concurrency: Concurrency,
): number {
  const otherTurns = other?.turns.get(concurrency) ?? [];
  const rounds = (one?.turns.get(concurrency) ?? []).flatMap((turn, round) => {
    const otherTurn = otherTurns[round];
    return otherTurn ? [[turn, otherTurn] as const] : [];
  });
  const undisturbed = rounds.filter((turns) => !turns.some(isDisturbed));
  const judged = undisturbed.length > 0 ? undisturbed : rounds;
  return median(judged.map(([turn, otherTurn]) => turn[figure] / otherTurn[figure]));
}

export function throughputRatio(
  one: TargetFigures | undefined,
  other: TargetFigures | undefined,
  concurrency: Concurrency,
): number {
  return ratioOf('eventsPerSecond', one, other, concurrency);
}
