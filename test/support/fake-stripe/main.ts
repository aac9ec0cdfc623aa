import { parseArgs } from 'node:util';
import { aSubscription } from '../billing-builders.js';
import { aCustomer } from '../builders.js';
import { FakeStripe } from './fake-stripe.js';

/**
 * Runs the fake as a process: `tsx test/support/fake-stripe/main.ts --port 12111 --customers 100000`.
 * Customer n belongs to the MINGUS user `user-n`. It prints `ready` and its address when it answers.
 */
const { values: flags } = parseArgs({
  options: {
    port: { type: 'string' },
    customers: { type: 'string', default: '0' },
    /** Whether each customer has an active subscription. */
    subscriptions: { type: 'boolean', default: false },
  },
});
const stripe = await FakeStripe.start(flags.port === undefined ? undefined : Number(flags.port));
const first = stripe.state.nowSeconds - Number(flags.customers);
for (let n = 1; n <= Number(flags.customers); n += 1) {
  const created = first + n;
  const customer = stripe.state.put(aCustomer({ created, metadata: { mingus_user_id: `user-${n}` } }));
  if (flags.subscriptions)
    stripe.state.putBilled(aSubscription(customer.id, { created, start_date: created }));
}
process.once('SIGTERM', () => void stripe.stop().then(() => process.exit(0)));
process.stdout.write(`ready ${stripe.url}\n`);
