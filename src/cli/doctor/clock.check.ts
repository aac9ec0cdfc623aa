import { StripeSettings } from '../../platform/stripe/stripe.settings.js';
import { type Check, ok, problem, skipped, warning, type Found } from './check.js';

/** Stripe's signatures are valid for 300 s in both directions. */
const GRAVE_MS = 120_000;
const NOTICEABLE_MS = 5000;
const STRIPE_API = 'https://api.stripe.com';

/** Compares our clock with two others. */
export const clock: Check = {
  name: 'clock',
  needs: [],
  look: async ({ given, database, environment }) => {
    const asked: [whose: string, reading: Promise<Reading>][] = [
      ['Stripe', timeAtStripe(new StripeSettings(environment).apiUrl ?? STRIPE_API)],
    ];
    if (given.has('DATABASE_URL')) {
      const time = database.row<{ now: Date }>('select clock_timestamp() as now').then(({ now }) => now);
      asked.push(['the database', measure(time)]);
    }
    return Promise.all(
      asked.map(([whose, reading]) =>
        reading.then(
          (at) => compare(whose, at),
          () => skipped(`${whose} cannot be asked for the time`),
        ),
      ),
    );
  },
};

interface Reading {
  offsetMs: number;
}

/** Compares the answer with the middle of the time of the request. */
async function measure(time: Promise<Date>): Promise<Reading> {
  const askedAt = Date.now();
  const answered = await time;
  return { offsetMs: answered.getTime() - (askedAt + Date.now()) / 2 };
}

/** Reads the `date` header, which also refusals have. In whole seconds. */
async function timeAtStripe(origin: string): Promise<Reading> {
  const answer = fetch(origin, { method: 'HEAD', signal: AbortSignal.timeout(4500), redirect: 'manual' });
  return measure(answer.then(({ headers }) => new Date(Date.parse(headers.get('date') ?? '') + 500)));
}

function compare(whose: string, { offsetMs }: Reading): Found {
  if (Number.isNaN(offsetMs)) return skipped(`${whose} sent no time`);
  const difference = `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs > 0 ? 'behind' : 'ahead of'} ${whose}`;
  if (Math.abs(offsetMs) < NOTICEABLE_MS) return ok(`Our clock agrees with ${whose}`);
  const mend = 'Synchronise the clocks with NTP (timedatectl)';
  return Math.abs(offsetMs) < GRAVE_MS
    ? warning(`Our clock is ${difference}`, mend)
    : problem(`Our clock is ${difference}`, mend);
}
