import { Global, Module } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';
import { stdoutLog } from './logging/log-output.js';

/** One Prometheus registry per application; features register their metrics in it. */
@Global()
@Module({
  providers: [
    {
      provide: Registry,
      useFactory: () => {
        const registry = new Registry();
        collectDefaultMetrics({ register: registry });
        countLostLogLines(registry);
        return registry;
      },
    },
  ],
  exports: [Registry],
})
export class MetricsModule {}

/** The log cannot tell of them itself while its target takes nothing. */
function countLostLogLines(registry: Registry): void {
  const lost: Counter = new Counter({
    name: 'log_lines_lost_total',
    help: 'Log lines that standard output did not take',
    registers: [registry],
    collect() {
      lost.reset();
      lost.inc(stdoutLog().lostLines);
    },
  });
}
