import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anEvent } from '../support/builders.js';
import { converse, statusesOf, webhookHead } from '../support/http/raw-http.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { deliver } from '../support/test-app.js';
import { useSurroundings } from '../support/process/surroundings.js';
import { waitFor } from '../support/wait-for.js';

const SOCKETS = 500;

describe('a process with 500 senders that never finish', () => {
  const around = useSurroundings();
  let service: ServiceProcess;

  beforeAll(async () => {
    service = await ServiceProcess.start(productionEnvironment(around.database.url, around.smtp.port));
  });
  afterAll(async () => {
    await service.end('SIGKILL');
  });

  it.each([
    ['their headers', 'POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
    ['their bodies', `${webhookHead({ 'Content-Length': 1000 })}{"id":`],
  ])(
    'of %s accepts the events of other senders, and disconnects each of the 500',
    async (_, beginning) => {
      let connected = 0;
      const said = Array.from({ length: SOCKETS }, () =>
        converse(service.url, (socket) => {
          connected += 1;
          socket.write(beginning);
        }),
      );
      await waitFor('all connected', () => connected === SOCKETS);

      for (let i = 0; i < 50; i += 1) {
        expect((await deliver(service.url, anEvent({}, { type: 'x.y' }))).status).toBe(200);
      }

      const statuses = (await Promise.all(said)).flatMap(statusesOf);
      expect(statuses.filter((status) => status !== 408)).toEqual([]);
      expect((await deliver(service.url, anEvent())).status).toBe(200);
    },
    60_000,
  );
});
