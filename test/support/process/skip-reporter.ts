import type { TestCase, TestModule } from 'vitest/node';
import type { Reporter } from 'vitest/reporters';

/** Ends a run with one line per reason for skipped tests. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const line = `${module.relativeModuleId}: ${reasonOf(test)}`;
        counts.set(line, (counts.get(line) ?? 0) + 1);
      }
    }
    for (const [line, count] of counts) process.stdout.write(`skipped ${count}: ${line}\n`);
  }
}

/** The reason that the test gave, or the name of the suite that could not run, which names what it needs. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result?.state === 'skipped' && result.note) return result.note;
  return test.parent.type === 'suite' ? outermost(test.parent).name : test.name;
}

function outermost(suite: Extract<TestCase['parent'], { type: 'suite' }>) {
  let current = suite;
  while (current.parent.type === 'suite') current = current.parent;
  return current;
}
