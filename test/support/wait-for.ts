import { setTimeout as sleep } from 'node:timers/promises';

/** The pause between two questions grows, because each costs CPU that the other test files need. */
const PAUSE_MS = { first: 10, longest: 100, growth: 1.5 };

/**
 * Waits until `fact` returns something truthy, and returns it.
 * @throws after the timeout, with the name of the fact
 */
export async function waitFor<T>(
  what: string,
  fact: () => Promise<T> | T,
  timeoutMs = 30_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + timeoutMs;
  for (let pauseMs = PAUSE_MS.first; ; pauseMs = Math.min(pauseMs * PAUSE_MS.growth, PAUSE_MS.longest)) {
    const value = await fact();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Did not happen within ${timeoutMs} ms: ${what}`);
    await sleep(pauseMs);
  }
}
