import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '../support/free-port.js';
import { TestDatabase } from '../support/database/test-database.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { ADMIN_KEY, request } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const SENDERS = 6;
const KILLS = 2;

describe('two collectors, one of which is killed under load, again and again', () => {
  let database: TestDatabase;
  let env: Record<string, string>;

  beforeAll(async () => {
    database = await TestDatabase.create();
    env = productionEnvironment(database.url, 25, { PROCESS_ROLES: 'api' });
  });
  afterAll(() => database.drop());

  /** Sends a batch until one of the processes has acknowledged it. @returns the number of attempts */
  async function sendUntilAcknowledged(urls: readonly string[], key: string, body: string): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
      const url = urls[attempt % urls.length];
      const headers = { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' };
      const answer = await fetch(`${url}/v1/batch`, { method: 'POST', headers, body }).catch(() => null);
      if (answer?.status === 200) return attempt;
    }
  }

  it('store each message once', { timeout: 120_000 }, async () => {
    const port = String(await findFreePort());
    const steady = await ServiceProcess.start(env);
    let fragile = await ServiceProcess.start({ ...env, PORT: port });
    onTestFinished(() => [steady, fragile].forEach(({ child }) => child.kill('SIGKILL')));
    const { body } = await request(`${steady.url}/admin/api-keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'a client', role: 'collector' }),
    });
    const urls = [steady.url, fragile.url];
    let batches = 0;
    let repeated = 0;
    const done = new AbortController();
    const send = async () => {
      while (!done.signal.aborted) {
        batches += 1;
        const batch = Array.from({ length: 20 }, (_, n) => ({
          type: 'track',
          event: 'Sent',
          messageId: `${batches}-${n}`,
          userId: `user-${n}`,
          anonymousId: `visitor-${batches % 50}`,
        }));
        if ((await sendUntilAcknowledged(urls, body.key, JSON.stringify({ batch }))) > 1) repeated += 1;
      }
    };
    const senders = Array.from({ length: SENDERS }, send);
    for (let kills = 0; kills < KILLS; kills += 1) {
      const goal = batches + 60;
      await waitFor('batches sent', () => batches >= goal);
      await fragile.end('SIGKILL');
      fragile = await ServiceProcess.start({ ...env, PORT: port });
    }
    done.abort();
    await Promise.all(senders);

    expect(repeated).toBeGreaterThanOrEqual(KILLS);
    const [stored] = await database.rows(
      'select count(*)::int as events, count(distinct message_key)::int as messages from behaviour_events',
    );
    expect(stored).toEqual({ events: batches * 20, messages: batches * 20 });
    expect(await database.count('behaviour_events', 'person_id is null')).toBe(0);
    expect(await Promise.all([steady.end(), fragile.end()])).toEqual([0, 0]);
  });
});
