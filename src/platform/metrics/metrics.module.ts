import { Global, Module } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { ProcessSettings } from '../process/process.settings.js';
import { stdoutLog } from '../logging/log-output.js';
import { releaseVersion } from '../version.js';
import { counter, gauge } from './metrics.js';

/** One Prometheus registry per application; features register their metrics in it. */
@Global()
@Module({
  providers: [
    {
      provide: Registry,
      inject: [ProcessSettings],
      useFactory: ({ buildCommit }: ProcessSettings) => {
        const registry = new Registry();
        collectDefaultMetrics({ register: registry });
        // The log cannot report lost lines itself while its target is blocked.
        counter(registry, 'log_lines_lost_total', (lost) => {
          lost.reset();
          lost.inc(stdoutLog().lostLines);
        });
        const node = process.versions.node;
        gauge(registry, 'mingus_build_info').set({ version: releaseVersion(), commit: buildCommit, node }, 1);
        return registry;
      },
    },
  ],
  exports: [Registry],
})
export class MetricsModule {}
