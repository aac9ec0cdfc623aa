import { LoadGenerator } from '../load/load-generator.js';
import { type Concurrency, Measurement, type TargetFigures } from '../measure.js';
import { describeMachine, describeRun, type Goal, toMarkdown, writeSection } from '../report.js';
import type { Target } from '../targets.js';
import type { Workplace } from '../workplace.js';
import type { SuiteOptions } from './suite.js';

/** Where the figures of a comparison go, and what they must reach. */
interface Comparison {
  /** The part of RESULTS.md. */
  section: string;
  title: string;
  targets: readonly Target[];
  toGoals: (figures: readonly TargetFigures[]) => Goal[];
}

/** Puts the same load on several targets in turn. */
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
  writeSection(section, `## ${title}\n\n${machine}\n${describeRun(plan, figures)}\n\n${markdown}`);
  console.log('Written to bench/RESULTS.md');
}

/** How much the one does of what the other does, with the same number of connections. */
export function throughputRatio(
  one: TargetFigures | undefined,
  other: TargetFigures | undefined,
  concurrency: Concurrency,
): number {
  const eventsPerSecond = (figures?: TargetFigures) =>
    figures?.byConcurrency.get(concurrency)?.eventsPerSecond ?? Number.NaN;
  return eventsPerSecond(one) / eventsPerSecond(other);
}
