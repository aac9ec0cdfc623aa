import { Client } from 'undici';
import { signatureOf } from './event.js';
import { percentile } from '../statistics.js';
import { type Delivery, MixedTraffic, SubscriptionTraffic, type TrafficKind } from './traffic.js';

/** One measurement: a closed loop of `concurrency` connections, one request at a time on each. */
export interface LoadOrder {
  url: string;
  concurrency: number;
  /** Seconds of traffic before the measurement. */
  warmupSeconds: number;
  seconds: number;
  /** Ends the measurement early, after this number of answers. */
  events?: number;
  /** Events are made from `<keys>-1`, `<keys>-2`, …; users of these keys exist up to `users`. */
  keys: string;
  users: number;
  /** A mix of events about new customers, or changes of the subscriptions of these stored customers. */
  traffic: TrafficKind | { customerIds: readonly string[]; startedAt: number };
  /** The text that the answer to every `customer.created` must contain. Other answers must report success. */
  contains: string;
}

export interface LoadResult {
  eventsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Number of all answers, including the warm-up's. */
  acknowledged: number;
  /** Number of answers about new customers. */
  created: number;
}

export type LoadReply = { result: LoadResult } | { error: string };

/** Runs an order. @throws at the first wrong answer */
async function runLoad(order: LoadOrder): Promise<LoadResult> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const measuredFrom = startedAt + order.warmupSeconds * 1000;
  const end = measuredFrom + order.seconds * 1000;
  const traffic =
    typeof order.traffic === 'string'
      ? new MixedTraffic(order.traffic, order.keys)
      : new SubscriptionTraffic(order.traffic.customerIds, order.traffic.startedAt);
  let acknowledged = 0;
  const runConnection = async (client: Client) => {
    while (performance.now() < end && acknowledged < (order.events ?? Number.POSITIVE_INFINITY)) {
      const delivery = traffic.next();
      if (traffic.customers > order.users)
        throw new Error(`More than ${order.users} customers: more users are needed`);
      const signature = signatureOf(delivery.body);
      const sentAt = performance.now();
      const answer = await post(client, delivery.body, signature);
      const answeredAt = performance.now();
      assertExpected(answer, delivery, order);
      traffic.acknowledge(delivery);
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
    created: traffic.acknowledgedCustomers,
  };
}

/** @throws when the answer is not the one expected for this delivery */
function assertExpected(
  { status, text }: { status: number; text: string },
  { kind }: Delivery,
  { contains }: LoadOrder,
): void {
  const expected = kind === 'created' ? contains : '"success":true';
  if (status !== 200 || !text.includes(expected)) throw new Error(`${kind}: answered ${status} ${text}`);
}

/** Uses undici's lowest layer: the generator shares the CPU with what it measures, so it must use little. */
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
