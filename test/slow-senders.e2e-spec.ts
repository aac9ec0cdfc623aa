import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anEvent } from './support/builders.js';
import { converse, statusesOf, webhookHead } from './support/raw-http.js';
import { productionEnvironment, ServiceProcess } from './support/service-process.js';
import { SmtpSink } from './support/smtp-sink.js';
import { deliver } from './support/test-app.js';
import { TestDatabase } from './support/test-database.js';
import { waitFor } from './support/wait-for.js';

const SOCKETS = 500;

describe('a process with 500 senders that never finish', () => {
  let database: TestDatabase;
  let smtp: SmtpSink;
  let service: ServiceProcess;

  beforeAll(async () => {
    database = await TestDatabase.create();
    smtp = await SmtpSink.start();
    service = await ServiceProcess.start(productionEnvironment(database.url, smtp.port));
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    await smtp.stop();
    await database.drop();
  });

  it.each([
    ['their headers', 'POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
    ['their bodies', `${webhookHead({ 'Content-Length': 1000 })}{"id":`],
  ])(
    'of %s takes the events of others meanwhile, and cuts each of the 500',
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
