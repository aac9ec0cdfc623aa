import { randomUUID } from 'node:crypto';
import { Client } from 'undici';
import { percentile } from '../statistics.js';

const NAMES = ['Opened', 'Searched', 'Invited', 'Shared', 'Saved', 'Exported', 'Commented', 'Upgraded plan'];
/** One event in this many is of a visitor without a user. */
const VISITOR_EVERY = 10;

/** What one measurement of the collector gave. */
export interface TrackedLoad {
  eventsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Number of acknowledged events, including those of the warm-up. */
  acknowledged: number;
}

/** One measurement: each connection sends one batch after the other. */
interface Order {
  url: string;
  key: string;
  connections: number;
  eventsPerBatch: number;
  users: number;
  warmupSeconds: number;
  seconds: number;
}

function aBatch({ eventsPerBatch, users }: Order): string {
  const now = Date.now();
  const batch = Array.from({ length: eventsPerBatch }, (_, index) => {
    const person = Math.floor(Math.random() * users);
    return {
      ...(index % VISITOR_EVERY ? { userId: `user-${person}` } : { anonymousId: `visitor-${person}` }),
      type: 'track',
      event: NAMES[Math.floor(Math.random() * NAMES.length)],
      messageId: `node-next-${now}-${randomUUID()}`,
      timestamp: new Date(now - index * 50),
      properties: { plan: 'pro', count: index, place: 'toolbar' },
      context: { library: { name: '@segment/analytics-node', version: '3.1.0' }, ip: '192.0.2.1' },
      integrations: {},
    };
  });
  return JSON.stringify({ batch, sentAt: new Date(now) });
}

async function runLoad(order: Order): Promise<TrackedLoad> {
  const from = performance.now() + order.warmupSeconds * 1000;
  const end = from + order.seconds * 1000;
  const authorization = `Basic ${Buffer.from(`${order.key}:`).toString('base64')}`;
  const latencies: number[] = [];
  let acknowledged = 0;
  const send = async (client: Client) => {
    while (performance.now() < end) {
      const body = aBatch(order);
      const sentAt = performance.now();
      const answer = await client.request({
        method: 'POST',
        path: '/v1/batch',
        headers: { authorization, 'content-type': 'application/json' },
        body,
      });
      const text = await answer.body.text();
      if (text !== '{"success":true}') throw new Error(`Answered ${answer.statusCode} ${text}`);
      acknowledged += order.eventsPerBatch;
      const now = performance.now();
      if (now >= from && now < end) latencies.push(now - sentAt);
    }
  };
  const clients = Array.from({ length: order.connections }, () => new Client(order.url));
  try {
    await Promise.all(clients.map(send));
  } finally {
    await Promise.all(clients.map((client) => client.destroy()));
  }
  latencies.sort((a, b) => a - b);
  const eventsPerSecond = (latencies.length * order.eventsPerBatch) / order.seconds;
  return {
    eventsPerSecond,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    acknowledged,
  };
}

process.on('message', (order: Order) => {
  runLoad(order).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
