import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { LoadOrder, LoadReply, LoadResult } from './load.js';

/**
 * The load generator's process. It runs during the whole benchmark, so that it is equally warm for each
 * target.
 */
export class LoadGenerator {
  private constructor(private readonly child: ChildProcess) {}

  static start(): LoadGenerator {
    return new LoadGenerator(fork(new URL('load.ts', import.meta.url), { execArgv: ['--import', 'tsx'] }));
  }

  /** Measures one target. @throws when an answer was wrong */
  async run(order: LoadOrder): Promise<LoadResult> {
    const ended = new AbortController();
    const reply = once(this.child, 'message', { signal: ended.signal });
    const exit = once(this.child, 'exit', { signal: ended.signal }).then(() => {
      throw new Error('The load generator ended');
    });
    this.child.send(order);
    try {
      const [message] = (await Promise.race([reply, exit])) as [LoadReply];
      if ('error' in message) throw new Error(`${order.keys}: ${message.error}`);
      return message.result;
    } finally {
      ended.abort();
      await Promise.allSettled([reply, exit]);
    }
  }

  get pid(): number {
    return this.child.pid as number;
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}
