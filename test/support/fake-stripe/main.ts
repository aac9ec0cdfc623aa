import { parseArgs } from 'node:util';
import { aCustomer } from '../builders.js';
import { FakeStripe } from './fake-stripe.js';

/**
 * The fake as a process of its own: `tsx test/support/fake-stripe/main.ts --port 12111 --customers 100000`.
 * Customer n belongs to the MINGUS user `user-n`. Says `ready` and its address once it answers.
 */
const { values: flags } = parseArgs({
  options: {
    port: { type: 'string' },
    customers: { type: 'string', default: '0' },
  },
});
const stripe = await FakeStripe.start(flags.port === undefined ? undefined : Number(flags.port));
const first = stripe.state.nowSeconds - Number(flags.customers);
for (let n = 1; n <= Number(flags.customers); n += 1) {
  stripe.put(aCustomer({ created: first + n, metadata: { mingus_user_id: `user-${n}` } }));
}
process.once('SIGTERM', () => void stripe.stop().then(() => process.exit(0)));
process.stdout.write(`ready ${stripe.url}\n`);
