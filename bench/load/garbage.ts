import { connect, type Socket } from 'node:net';

/** The result of a flood. */
export interface Flood {
  /** Number of answers with status 400, per second. */
  refusedPerSecond: number;
  /** Number of answers with another status. */
  others: number;
}

const CONNECTIONS = 20;
const EVERY_MS = 10;
/** Neither signed nor JSON. */
const BODY = 'x'.repeat(200);
const REQUEST = `POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

/**
 * Posts unsigned bodies at a fixed rate for some seconds. Requests are pipelined on a few connections, which
 * keeps the sender's CPU use low. Run as a child process, `garbage.ts <port> <per second> <seconds>`, it
 * sends the result to its parent.
 */
async function main(): Promise<void> {
  const [port = 0, perSecond = 0, seconds = 0] = process.argv.slice(2).map(Number);
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)));
  let refused = 0;
  let others = 0;
  for (const socket of sockets) {
    socket.on('data', (chunk: Buffer) => {
      const answers = chunk.toString('latin1').match(/HTTP\/1\.1 \d{3}/g) ?? [];
      for (const answer of answers) {
        if (answer.endsWith('400')) refused += 1;
        else others += 1;
      }
    });
  }
  const perTick = Math.round((perSecond * EVERY_MS) / 1000 / CONNECTIONS);
  const batch = REQUEST.repeat(perTick);
  const startedAt = performance.now();
  // Keeps to the rate without waiting for answers, except when a socket's buffer is full.
  const timer = setInterval(() => {
    for (const socket of sockets) if (!socket.writableNeedDrain) socket.write(batch);
  }, EVERY_MS);
  setTimeout(() => {
    clearInterval(timer);
    const refusedPerSecond = (refused / (performance.now() - startedAt)) * 1000;
    process.send?.({ refusedPerSecond, others } satisfies Flood, () => process.exit());
  }, seconds * 1000);
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });
}

void main();
