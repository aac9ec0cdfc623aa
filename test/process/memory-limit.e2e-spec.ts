import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { readMetric } from '../support/metrics.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { deliver } from '../support/test-app.js';
import { useSurroundings } from '../support/process/surroundings.js';
import { waitFor } from '../support/wait-for.js';

/** The same as in `npm start`. */
const MEMORY_LIMIT = '--max-semi-space-size=32 --max-old-space-size=256';
/** Nearly the largest body allowed: half a megabyte, which takes several times as much memory as objects. */
const MANY_OBJECTS = JSON.stringify(Array.from({ length: 60_000 }, () => ({ a: 1 })));
/** This many bodies fit into a 32nd of that memory, with their overhead. */
const WAITING_MAX = 25;
const SENT_AWAY = 20;
const SENDERS = 150;
const EVENTS = 300;

describe('a process with as much memory as npm start gives it', () => {
  const around = useSurroundings();
  let service: ServiceProcess;

  beforeAll(async () => {
    const env = productionEnvironment(around.database.url, around.smtp.port, { NODE_OPTIONS: MEMORY_LIMIT });
    service = await ServiceProcess.start(env);
  });
  afterAll(async () => {
    await service.end('SIGKILL');
  });

  const aLargeEvent = () =>
    JSON.stringify(anEvent(aCustomer({ metadata: {}, many: 'objects' }))).replace('"objects"', MANY_OBJECTS);

  // 408: on a busy machine, some of the 70 MB may not arrive in time.
  it.each([
    ['takes', false, [200, 503, 408]],
    ['of which the database takes none yet, sheds', true, [503, 408]],
  ])(
    'under a flood of the largest events %s what it can, answers each, and stays alive',
    async (_, isLocked, answers) => {
      if (isLocked) await around.database.rows('begin; lock table webhook_events');
      const statuses: number[] = [];
      const send = async () => {
        while (statuses.length < EVENTS) statuses.push((await deliver(service.url, aLargeEvent())).status);
      };

      await Promise.all(Array.from({ length: SENDERS }, send));
      if (isLocked) await around.database.rows('commit');

      expect(service.child.exitCode, service.output).toBeNull();
      expect(statuses.filter((status) => !answers.includes(status))).toEqual([]);
      await waitFor('takes events', async () => (await deliver(service.url, aLargeEvent())).status === 200);
    },
    120_000,
  );

  it('limits the waiting bytes, and refuses further events at once', async () => {
    await around.database.rows('begin; lock table webhook_events');
    const refused = () => readMetric(service.url, 'webhook_refused_total', { reason: 'unavailable' });
    const before = await refused();
    let mostWaiting = 0;
    const pending = Array.from({ length: WAITING_MAX + SENT_AWAY }, () =>
      deliver(service.url, aLargeEvent()),
    );

    await waitFor('the rest sent away', async () => {
      mostWaiting = Math.max(mostWaiting, await readMetric(service.url, 'webhook_waiting_events'));
      return (await refused()) >= before + SENT_AWAY;
    });
    await around.database.rows('commit');

    expect(mostWaiting).toBeLessThanOrEqual(WAITING_MAX);
    const statuses = (await Promise.all(pending)).map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  });
});
