import { readFileSync } from 'node:fs';
import { Global, Module } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { stdoutLog } from '../logging/log-output.js';
import { counter, gauge } from './metrics.js';

/** One Prometheus registry per application; features register their metrics in it. */
@Global()
@Module({
  providers: [
    {
      provide: Registry,
      inject: [AppConfig],
      useFactory: ({ buildCommit }: AppConfig) => {
        const registry = new Registry();
        collectDefaultMetrics({ register: registry });
        // The log cannot tell of them itself while its target takes nothing.
        counter(registry, 'log_lines_lost_total', (lost) => {
          lost.reset();
          lost.inc(stdoutLog().lostLines);
        });
        const node = process.versions.node;
        gauge(registry, 'mingus_build_info').set({ version: version(), commit: buildCommit, node }, 1);
        return registry;
      },
    },
  ],
  exports: [Registry],
})
export class MetricsModule {}

function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
