import { connect, type Socket } from 'node:net';

/** What a flood came to. */
export interface Flood {
  /** Refused with 400, per second. */
  refusedPerSecond: number;
  /** Answered otherwise. */
  others: number;
}

const CONNECTIONS = 20;
const EVERY_MS = 10;
/** Not signed, and not even JSON. */
const BODY = 'x'.repeat(200);
const REQUEST = `POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

/**
 * Posts unsigned bodies at a rate for some seconds, pipelined on a few connections, so that the sender costs
 * next to nothing: `garbage.ts <port> <per second> <seconds>`, run as a child process, which tells its parent.
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
  // At the given rate, whatever has been answered, but for what the sockets do not take.
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
