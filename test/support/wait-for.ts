import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `fact` gives something truthy, and returns it. @throws after the timeout, naming the fact */
export async function waitFor<T>(
  what: string,
  fact: () => Promise<T> | T,
  timeoutMs = 30_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await fact();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Did not happen within ${timeoutMs} ms: ${what}`);
    await sleep(25);
  }
}
