import { defineConfig } from 'vitest/config';
import SlowFirst from './test/support/process/slow-first.js';

export default defineConfig({
  test: {
    include: ['src/**/*.spec.ts', 'test/**/*.spec.ts', 'test/**/*.e2e-spec.ts'],
    globalSetup: ['test/support/process/global-setup.ts'],
    testTimeout: 90_000,
    hookTimeout: 180_000,
    pool: 'forks',
    // A test file finds the modules loaded that an earlier one has loaded.
    isolate: false,
    sequence: { sequencer: SlowFirst },
    maxWorkers: 3,
    reporters: [
      'default',
      './test/support/process/skip-reporter.ts',
      ['json', { outputFile: 'coverage/tests.json' }],
    ],
  },
});
