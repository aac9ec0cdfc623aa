import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { isolateRefused } from './isolate-refused.js';

const withCode = (code: string) => Object.assign(new Error('refused'), { code });
const named = (stripeEventId: string) => ({ received: { stripeEventId } });

/** The attempts: the event ids of each, and its refusal. */
async function attemptsOf(ids: string[], fails: (ids: string[], refusal?: string) => string | null) {
  const attempts: string[] = [];
  await isolateRefused(ids.map(named), async (events, refusal) => {
    const of = events.map(({ received }) => received.stripeEventId);
    attempts.push([...of, ...(refusal ? [refusal.code] : [])].join(' '));
    const code = fails(of, refusal?.code);
    if (code) throw withCode(code);
  });
  return attempts;
}

describe('events that are decided together', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('take one attempt', async () => {
    expect(await attemptsOf(['a', 'b'], () => null)).toEqual(['a b']);
  });

  it('get an attempt each when PostgreSQL refuses the data of one, and that one ends as unprocessable', async () => {
    const refusesB = (ids: string[], refusal?: string) => (ids.includes('b') && !refusal ? '22P05' : null);

    const attempts = await attemptsOf(['a', 'b', 'c'], refusesB);

    expect(attempts).toEqual(['a b c', 'a', 'b', 'b unprocessable', 'c']);
  });

  it('are tried once as unprocessable, and the error surfaces if that is refused as well', async () => {
    await expect(attemptsOf(['a'], () => '22P05')).rejects.toThrow('refused');
  });

  it.each(['40001', '57P01'])('are not separated for an error that is not about data: %s', async (code) => {
    let attempts = 0;
    const count = () => {
      attempts += 1;
      return code;
    };
    await expect(attemptsOf(['a', 'b'], count)).rejects.toThrow('refused');
    expect(attempts).toBe(1);
  });
});
