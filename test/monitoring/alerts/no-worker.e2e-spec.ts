import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AlertEvaluator } from '../../../src/monitoring/alerts/evaluation/alert-evaluator.service.js';
import { AlertedService } from '../../support/alerts.js';
import { readMetric } from '../../support/metrics.js';
import { request, TestApp } from '../../support/test-app.js';
import { waitFor } from '../../support/wait-for.js';

const OPS = 'ops@mingus.test';

/** API processes check the workers, because a worker cannot report that it does not run. */
describe('a service whose workers have stopped', () => {
  let api: AlertedService;
  let worker: TestApp | undefined;
  let now = () => new Date();

  beforeAll(async () => {
    const env = { PROCESS_ROLES: 'api', ALERT_EMAIL_TO: OPS, ALERT_RULES: '{}' };
    api = await AlertedService.start({ env, now: () => now() });
  });
  afterEach(async () => {
    await stopWorker();
    await api.service.database.rows('delete from alerts');
    await api.service.database.rows('delete from job_workers');
    api.hook.texts.length = 0;
    api.service.smtp.mails.length = 0;
    now = () => new Date();
  });
  afterAll(() => api.stop());

  const sent = () => api.hook.sent('no_worker');
  const state = async () => (await api.alert('no_worker')).state;

  async function startWorker(roles = 'worker'): Promise<void> {
    const { database, smtp } = api.service;
    worker = await TestApp.start({ database, smtp, jobs: true, env: { PROCESS_ROLES: roles } });
  }

  async function stopWorker(): Promise<void> {
    await worker?.stop();
    worker = undefined;
  }

  /** Evaluates alerts round by round, up to this many seconds from now. */
  async function lookUntil(seconds: number): Promise<void> {
    const begun = Date.now();
    for (let passed = 0; passed <= seconds; passed += 30) {
      now = () => new Date(begun + passed * 1000);
      await api.evaluate();
    }
  }

  it('is reported by an API process on each route, and so is its end', async () => {
    await startWorker();
    await api.evaluate();
    expect(await state()).toBe('inactive');

    await stopWorker();
    await lookUntil(60);

    expect(await api.alert('no_worker')).toMatchObject({
      state: 'firing',
      detail: expect.stringContaining('No worker sends heartbeats'),
      isStale: false,
    });
    expect(sent()).toEqual(['FIRING']);
    expect(api.service.smtp.to(OPS).map(({ mail }) => mail.subject)).toEqual([
      expect.stringContaining('No worker runs'),
    ]);
    expect(await readMetric(api.service.url, 'job_workers')).toBe(0);

    await startWorker();
    await api.evaluate();
    expect([await state(), sent()]).toEqual(['resolved', ['FIRING', 'RESOLVED']]);
    const workers = () => readMetric(api.service.url, 'job_workers');
    // Gauges cache their values for some seconds.
    await waitFor('counted', async () => (await workers()) === 1);
  });

  it('is reported when its workers were killed or are frozen', async () => {
    await api.service.database.rows(
      `insert into job_workers values ('killed', now() - interval '31 seconds')`,
    );
    await lookUntil(60);
    expect(sent()).toEqual(['FIRING']);
  });

  it('is not reported while a worker is restarted', async () => {
    await lookUntil(30);
    expect(await state()).toBe('pending');
    await startWorker();
    await api.evaluate();
    expect([await state(), sent()]).toEqual(['inactive', []]);
  });

  it('is not reported if API processes run jobs as well', async () => {
    await startWorker('api,worker');
    await lookUntil(120);
    expect([await state(), sent()]).toEqual(['inactive', []]);
  });

  it('shows it in the readiness of each process, which stays ready', async () => {
    const workers = async () => {
      const { status, body } = await request(`${api.service.url}/health/ready`, {});
      return [status, body.details.workers.state];
    };
    expect(await workers()).toEqual([200, 'warning']);
    await startWorker();
    expect(await workers()).toEqual([200, 'ok']);
  });

  it('is evaluated on a timer of an API process', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const evaluator = api.service.app.get(AlertEvaluator);
    evaluator.start();
    vi.advanceTimersByTime(30_000);
    await waitFor('evaluated', async () => (await state()) === 'pending');
    await evaluator.beforeApplicationShutdown();
  });

  it('marks alerts as stale when three evaluations have been missed', async () => {
    await api.evaluate();
    const evaluated = Date.now();
    now = () => new Date(evaluated + 80_000);
    expect((await api.alert('no_worker')).isStale).toBe(false);
    now = () => new Date(evaluated + 100_000);
    const alert = await api.alert('no_worker');
    expect(alert.isStale).toBe(true);
    expect(alert.evaluatedSecondsAgo).toBeGreaterThanOrEqual(100);
  });
});
