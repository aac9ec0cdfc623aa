import { createServer } from 'node:net';

/** Below the range from which Linux takes ports for outgoing connections. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/** A port that the service was told to use is taken. */
export class PortTaken extends Error {
  /** @param variable the one that moves the service to another port */
  constructor(port: number, variable: string) {
    super(`Port ${port} is taken: set ${variable} to a free one`);
  }
}

/** A port on 127.0.0.1 that nobody listens on right now. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
}

/** Whether a port of 127.0.0.1 can be listened on. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
