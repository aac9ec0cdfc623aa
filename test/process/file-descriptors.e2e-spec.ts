import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { StripeSender } from '../support/http/stripe-sender.js';
import { deliver } from '../support/test-app.js';
import { useSurroundings } from '../support/process/surroundings.js';
import { waitFor } from '../support/wait-for.js';

/** More connections than the process has free file descriptors. */
const SOCKETS = 40;
/** File descriptors left for everything else. */
const SPARE = 10;

const hasPrlimit = (() => {
  try {
    execFileSync('prlimit', ['--version']);
    return true;
  } catch {
    console.warn('No prlimit: the shortage of file descriptors is not tested');
    return false;
  }
})();

describe.skipIf(!hasPrlimit)('a process without file descriptors (needs prlimit)', () => {
  const around = useSurroundings();
  let service: ServiceProcess;

  beforeAll(async () => {
    service = await ServiceProcess.start(productionEnvironment(around.database.url, around.smtp.port));
  });
  afterAll(async () => {
    await service.end('SIGKILL');
  });

  const openFiles = () => readdirSync(`/proc/${service.child.pid}/fd`).length;
  const limitFiles = (count: number) =>
    execFileSync('prlimit', [`--pid=${service.child.pid}`, `--nofile=${count}:`]);

  it('drops connections, stays alive, and accepts events again when it has some', async () => {
    const sender = await StripeSender.create(service.url, (text, values) =>
      around.database.rows(text, values),
    );
    await sender.deliverNew();
    limitFiles(openFiles() + SPARE);
    const sockets = Array.from({ length: SOCKETS }, () =>
      connect(Number(new URL(service.url).port), '127.0.0.1').on('error', () => undefined),
    );
    await waitFor('some are shed', () => sockets.some((socket) => socket.destroyed));
    for (const socket of sockets) socket.destroy();

    const event = sender.newEvent();
    await waitFor(
      'takes events again',
      async () => (await deliver(service.url, event).catch(() => null))?.status === 200,
    );
    expect(service.child.exitCode).toBeNull();
  });
});
