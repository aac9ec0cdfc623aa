import { Client } from 'undici';
import { eventBody, signatureOf } from './event.js';
import { percentile } from './statistics.js';

/** One measurement: a closed loop of `concurrency` connections, one request at a time on each. */
export interface LoadOrder {
  url: string;
  concurrency: number;
  /** Traffic that runs before the measured time and does not count. */
  warmupSeconds: number;
  seconds: number;
  /** Ends earlier once this many answers are there. */
  events?: number;
  /** Events are made from `<keys>-1`, `<keys>-2`, …; users of these keys exist up to `users`. */
  keys: string;
  users: number;
  /** What every answer must contain. */
  contains: string;
}

export interface LoadResult {
  eventsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers received in all, the warm-up's included. */
  acknowledged: number;
}

export type LoadReply = { result: LoadResult } | { error: string };

/** Runs an order. @throws at the first answer that is not what it must be */
async function runLoad(order: LoadOrder): Promise<LoadResult> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const measuredFrom = startedAt + order.warmupSeconds * 1000;
  const end = measuredFrom + order.seconds * 1000;
  let sent = 0;
  let acknowledged = 0;
  const runConnection = async (client: Client) => {
    while (performance.now() < end && acknowledged < (order.events ?? Number.POSITIVE_INFINITY)) {
      sent += 1;
      if (sent > order.users) throw new Error(`More than ${order.users} events: more users are needed`);
      const body = eventBody(`${order.keys}-${sent}`, Math.floor(Date.now() / 1000));
      const signature = signatureOf(body);
      const sentAt = performance.now();
      const answer = await post(client, body, signature);
      const answeredAt = performance.now();
      if (answer.status !== 200 || !answer.text.includes(order.contains)) {
        throw new Error(`Answered ${answer.status} ${answer.text}`);
      }
      acknowledged += 1;
      if (answeredAt >= measuredFrom && answeredAt < end) latencies.push(answeredAt - sentAt);
    }
  };
  const clients = Array.from({ length: order.concurrency }, () => new Client(order.url, { pipelining: 1 }));
  try {
    await Promise.all(clients.map(runConnection));
  } finally {
    await Promise.all(clients.map((client) => client.destroy()));
  }
  latencies.sort((a, b) => a - b);
  return {
    eventsPerSecond: latencies.length / order.seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    acknowledged,
  };
}

/** undici's lowest layer: the generator shares the cores with what it measures, so it must be cheap. */
function post(client: Client, body: string, signature: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let text = '';
    client.dispatch(
      {
        method: 'POST',
        path: '/webhooks/stripe',
        headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
        body,
      },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, statusCode) => {
          status = statusCode;
        },
        onResponseData: (_controller, chunk) => {
          text += chunk.toString();
        },
        onResponseEnd: () => resolve({ status, text }),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

process.on('message', (order: LoadOrder) => {
  runLoad(order).then(
    (result) => process.send?.({ result } satisfies LoadReply),
    (error: unknown) => process.send?.({ error: String(error) } satisfies LoadReply),
  );
});
process.on('disconnect', () => process.exit());
