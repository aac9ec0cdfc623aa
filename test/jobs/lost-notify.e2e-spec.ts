import { describe, expect, it, onTestFinished } from 'vitest';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { StripeSender } from '../support/http/stripe-sender.js';
import { useSurroundings } from '../support/process/surroundings.js';
import { waitFor } from '../support/wait-for.js';

/** Time for one poll of the queue and one poll of this test on a busy machine. */
const PROMPTLY_MS = 5000;
const LISTENER = `datname = current_database() and application_name = 'mingus-onboarding jobs'
  and query like 'LISTEN %'`;

describe('a worker whose LISTEN session is ended', () => {
  const around = useSurroundings();

  const listeners = () =>
    around.database.rows<{ pid: number }>(`select pid from pg_stat_activity where ${LISTENER}`);

  it('finds new jobs anyway, listens again, and continues without a restart', async () => {
    const service = await ServiceProcess.start(productionEnvironment(around.database.url, around.smtp.port));
    onTestFinished(() => service.end().then(() => undefined));
    const sender = await StripeSender.create(service.url, (sql, values) => around.database.rows(sql, values));
    const [before] = await waitFor('a listener', async () => {
      const found = await listeners();
      return found.length > 0 ? found : null;
    });

    for (let round = 1; round <= 3; round += 1) {
      await around.database.rows(`select pg_terminate_backend(pid) from pg_stat_activity where ${LISTENER}`);
      await sender.deliverNew();
      await waitFor('its messages', () => around.smtp.mails.length === 3 * round, PROMPTLY_MS);
      await waitFor('listening again', async () => (await listeners()).length === 1);
    }

    expect(await listeners()).not.toContainEqual(before);
    expect(service.child.exitCode).toBeNull();
  });
});
