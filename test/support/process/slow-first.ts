import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Short files that take long. Without the durations of an earlier run, vitest starts the largest files first;
 * a slow file at the end leaves the other workers idle.
 */
const SLOW = [
  'process/memory-limit',
  'jobs/poison-job',
  'jobs/worker-crash',
  'behaviour/collector-crash',
  'intake/intake-crash',
  'intake/slow-senders',
  'delivery/real-postfix',
  'process/process-faults',
  'database/refused-logins',
].map((name) => `/test/${name}.e2e-spec.ts`);

/** Every so many files, a slow one starts. */
const APART = 8;

/** Starts slow files early, spread among the larger ones, so that they do not compete with one another. */
export default class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files); // oxlint-disable-line unicorn/no-array-sort -- not an array's method
    const isSlow = ({ moduleId }: TestSpecification) => SLOW.some((path) => moduleId.endsWith(path));
    const others = sorted.filter((file) => !isSlow(file));
    return sorted
      .filter(isSlow)
      .reduce((order, file, index) => order.toSpliced(index * APART, 0, file), others);
  }
}
