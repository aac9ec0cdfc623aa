import { isFree } from '../../src/platform/development/free-port.js';

/** Above the ports that services usually use, below those of outgoing connections. */
const FIRST_PORT = 26_000;
const PORTS_OF_A_WORKER = 1_000;
const WORKERS = 6;

const worker = Number(process.env.VITEST_POOL_ID ?? 1) % WORKERS;
let next = Math.floor(Math.random() * PORTS_OF_A_WORKER);

/**
 * A port on 127.0.0.1 that no other test gets. Each worker of the run has its own range and uses its ports in
 * turn, so that a port is still free when the started program listens on it.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + worker * PORTS_OF_A_WORKER + (next++ % PORTS_OF_A_WORKER);
    if (await isFree(port)) return port;
  }
}
