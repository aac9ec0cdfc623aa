import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../src/platform/unit-of-work/unit-of-work-writer.service.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const JOBS = 'graphile_worker._private_jobs';

describe('a job that was replaced by a later one while it ran', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true, env: { WORKER_LEASE_SECONDS: '5' } });
  });
  afterAll(() => service.stop());

  /** Adds a job as the schedule does. */
  const addByClock = () =>
    service.database.rows(
      `select graphile_worker.add_job('seal-audit', '{"_cron":{}}', run_at := $1, job_key := 'seal-audit')`,
      [TOMORROW],
    );

  /** Adds a job as listeners do. */
  const addByUnit = async () => {
    const unit = new UnitOfWork();
    unit.enqueue('resolve-pending-events', { userId: 'nobody' }, { runAt: TOMORROW, key: 'nobody' });
    await service.app
      .get(DataSource)
      .transaction((manager) => service.app.get(UnitOfWorkWriter).write(manager, [unit]));
  };

  const TOMORROW = new Date(Date.now() + 86_400_000);
  const DIES = `now() - interval '1 hour'`;
  const FAILS = 'null';

  it.each([
    ['added by the clock', 'dies', addByClock, DIES],
    ['added by the clock', 'fails', addByClock, FAILS],
    ['added by a unit of work', 'dies', addByUnit, DIES],
    ['added by a unit of work', 'fails', addByUnit, FAILS],
  ])('%s, is removed when it %s: it does not become a dead job', async (_, __, add, lockedAt) => {
    await service.database.rows(`delete from ${JOBS}`);
    await add();
    await service.database.rows(
      `update ${JOBS} set attempts = 1, locked_at = now(), locked_by = 'another one'`,
    );
    await add();
    expect(await service.database.count(JOBS, 'attempts = max_attempts')).toBe(1);

    await service.database.rows(
      `update ${JOBS} set locked_at = ${lockedAt}, locked_by = case when ${lockedAt} is null then null else locked_by end
       where locked_at is not null`,
    );

    await waitFor('only the later one left', async () => (await service.database.count(JOBS)) === 1);
    expect(await service.database.count(JOBS, 'attempts = 0 and key is not null')).toBe(1);
    expect((await service.admin('dead-jobs')).body).toEqual([]);
  });

  it('stays while it runs, and a job without a key stays when it was its last attempt', async () => {
    await service.database.rows(`delete from ${JOBS}`);
    await addByClock();
    await service.database.rows(
      `update ${JOBS} set attempts = 1, locked_at = now(), locked_by = 'another one'`,
    );
    await addByClock();
    await service.database.rows(`update ${JOBS} set locked_at = ${DIES}, locked_by = $1 where key is null`, [
      await livingWorker(),
    ]);
    await service.database.rows(
      `select graphile_worker.add_job('forward-analytics', '{}', run_at := $1, max_attempts := 1)`,
      [TOMORROW],
    );
    await service.database.rows(
      `update ${JOBS} set attempts = 1, locked_at = ${DIES}, locked_by = 'dead' where max_attempts = 1`,
    );

    await waitFor(
      'the last attempt counted',
      async () => (await service.admin('dead-jobs')).body.length === 1,
    );

    expect(await service.database.count(JOBS, 'key is null and locked_at is not null')).toBe(1);
    expect(await service.database.count(JOBS)).toBe(3);
  });

  async function livingWorker(): Promise<string | undefined> {
    const [row] = await service.database.rows<{ id: string }>(`select worker_id as id from job_workers`);
    return row?.id;
  }
});
