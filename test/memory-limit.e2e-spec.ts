import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from './support/builders.js';
import { productionEnvironment, ServiceProcess } from './support/service-process.js';
import { deliver } from './support/test-app.js';
import { useSurroundings } from './support/surroundings.js';
import { waitFor } from './support/wait-for.js';

/** As `npm start`. */
const MEMORY_LIMIT = '--max-semi-space-size=32 --max-old-space-size=256';
/** All that a body may hold, nearly: half a megabyte, which as objects is a multiple of it. */
const MANY_OBJECTS = Array.from({ length: 60_000 }, () => ({ a: 1 }));
const SENDERS = 150;
const EVENTS = 600;

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

  const aLargeEvent = () => JSON.stringify(anEvent(aCustomer({ metadata: {}, many: MANY_OBJECTS })));

  it.each([
    ['takes', false, [200, 503]],
    ['of which the database takes none yet, sheds', true, [503]],
  ])(
    'under a flood of the largest events %s what it can, answers each, and lives',
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
});
