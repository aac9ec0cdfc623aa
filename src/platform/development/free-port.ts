import { createServer } from 'node:net';

/** Below the range that Linux uses for outgoing connections, and below the ports of the tests. */
const FIRST_PORT = 20_000;
const PORTS = 6_000;

/** A port in the configuration is taken. */
export class PortTaken extends Error {
  /** @param variable the environment variable that sets the port */
  constructor(port: number, variable: string) {
    super(`Port ${port} is taken: set ${variable} to a free one`);
  }
}

/** A free port on 127.0.0.1. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
}

/** Whether a port of 127.0.0.1 is free. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
