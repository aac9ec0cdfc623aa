import { type Check, ok, problem, skipped, warning, type Found } from './check.js';

/** Stripe's signatures hold for 300 s both ways. */
const GRAVE_MS = 120_000;
const NOTICEABLE_MS = 5000;
const STRIPE_API = 'https://api.stripe.com';

/** How far our clock is off, by what two others say. */
export const clock: Check = {
  name: 'clock',
  needs: [],
  look: async ({ given, database, config }) => {
    const compared = [timeAtStripe(config.stripe.apiUrl ?? STRIPE_API).then((at) => compare('Stripe', at))];
    if (given.has('DATABASE_URL')) {
      const time = database.row<{ now: Date }>('select clock_timestamp() as now').then(({ now }) => now);
      compared.push(measure(time).then((at) => compare('the database', at)));
    }
    const found = await Promise.allSettled(compared);
    return found.map((one) =>
      one.status === 'fulfilled' ? one.value : skipped('One of the clocks cannot be asked'),
    );
  },
};

interface Reading {
  offsetMs: number;
}

/** Against the middle of the time that asking took. */
async function measure(time: Promise<Date>): Promise<Reading> {
  const askedAt = Date.now();
  const told = await time;
  return { offsetMs: told.getTime() - (askedAt + Date.now()) / 2 };
}

/** Of the headers that any answer has, also one that refuses. In whole seconds. */
async function timeAtStripe(origin: string): Promise<Reading> {
  const answer = fetch(origin, { method: 'HEAD', signal: AbortSignal.timeout(4500), redirect: 'manual' });
  return measure(answer.then(({ headers }) => new Date(Date.parse(headers.get('date') ?? '') + 500)));
}

function compare(whose: string, { offsetMs }: Reading): Found {
  if (Number.isNaN(offsetMs)) return skipped(`${whose} tells no time`);
  const told = `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs > 0 ? 'behind' : 'ahead of'} ${whose}`;
  if (Math.abs(offsetMs) < NOTICEABLE_MS) return ok(`Our clock agrees with ${whose}`);
  const mend = 'Set the clocks by NTP (timedatectl)';
  return Math.abs(offsetMs) < GRAVE_MS
    ? warning(`Our clock is ${told}`, mend)
    : problem(`Our clock is ${told}`, mend);
}
