import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.js';
import { ServiceStateReader, STATE } from '../../src/monitoring/state/service-state-reader.service.js';
import { METRICS, RUNTIME_METRICS } from '../../src/platform/metrics/metric-catalogue.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { readMetric } from '../support/metrics.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const ALERTS = 'ops/prometheus/alerts.yml';
const isInstalled = (tool: string) => spawnSync(tool, ['--version']).status === 0;
const hasPrometheus = isInstalled('promtool') && isInstalled('prometheus');
if (!hasPrometheus)
  process.stdout.write('prometheus is not installed: its rules and a scrape are not tested\n');

/** Rows that have ended, of tables that grow with customers and what happens to them. */
const ENDED = {
  webhook_events: `
    insert into webhook_events (id, stripe_event_id, type, outcome, received_at, decided_at)
    select uuidv7(), 'evt_created_' || n, 'customer.created', 'created', now(), now()`,
  deliveries: `
    insert into deliveries (id, connector, customer_id, kind, occurrence, content, status, is_backfill, attempts,
      next_attempt_at, is_unknown, created_at, updated_at, ended_at)
    select uuidv7(), 'crm', uuidv7(), 'upsertPerson', '', '{}', 'accepted', false, 1, now(), false, now(), now(), now()`,
  connector_erasures: `
    insert into connector_erasures (connector, customer_id, stripe_customer_id, status, attempts, requested_at)
    select 'crm', uuidv7(), '', 'confirmed', 1, now()`,
  automation_runs: `
    insert into automation_runs (id, automation, version, customer_id, occurrence, state, step, attempts, created_at,
      updated_at, ended_at)
    select uuidv7(), 'greeting', 1, uuidv7(), '', 'done', 1, 0, now(), now(), now()`,
};

describe('the metrics', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
    const { metadata } = await service.createUser();
    await service.deliver(anEvent(aCustomer({ metadata })));
    await service.deliver(anEvent(aCustomer({ email: null, metadata: {} })));
    await waitFor(
      'sent',
      async () => (await service.database.count('notifications', `status = 'sent'`)) === 3,
    );
  });
  afterAll(() => service.stop());

  const scrape = async () => (await fetch(`${service.url}/metrics`)).text();

  it('are exactly those of the catalogue, with no other labels', async () => {
    const text = await scrape();
    const announced = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    for (const [name, { type }] of Object.entries(METRICS)) expect(announced).toContain(`${name} ${type}`);
    for (const name of RUNTIME_METRICS) expect(text).toContain(`\n${name}`);
    const ours = announced
      .filter((line) => !/^(nodejs|process)_/.test(line))
      .map((line) => line.split(' ')[0]);
    expect(ours.toSorted()).toEqual(Object.keys(METRICS).toSorted());
    for (const [, name = '', labels = ''] of text.matchAll(/^([a-z_]+)\{([^}]*)\}/gm)) {
      const metric = METRICS[name.replace(/_(bucket|sum|count)$/, '') as keyof typeof METRICS];
      if (!metric) continue;
      const used = [...labels.matchAll(/([a-z_]+)="/g)]
        .map(([, label]) => label)
        .filter((label) => label !== 'le');
      expect(Object.keys('labels' in metric ? metric.labels : {})).toEqual(expect.arrayContaining(used));
    }
  });

  it('are read without looking at all that is stored', async () => {
    const { database } = service;
    for (const rows of Object.values(ENDED)) await database.rows(`${rows} from generate_series(1, 20000) n`);
    await database.rows(`analyze ${Object.keys(ENDED).join(', ')}`);
    const plan = JSON.stringify(await database.rows(`explain ${STATE.replace('$1', '60')}`));
    for (const table of Object.keys(ENDED)) expect(plan).not.toContain(`Seq Scan on ${table}`);
    for (const table of Object.keys(ENDED).slice(1)) await database.rows(`delete from ${table}`);
    await database.rows(`delete from webhook_events where stripe_event_id like 'evt_created_%'`);
  });

  it('show stuck events behind many other waiting ones', async () => {
    const { database } = service;
    const states = service.app.get(ServiceStateReader);
    const anEventRow = `insert into webhook_events (id, stripe_event_id, type, outcome, received_at, decided_at) select`;
    const aJobRow = `insert into graphile_worker._private_jobs (task_id, run_at, attempts, max_attempts)
      select (select min(id) from graphile_worker._private_tasks), now() + interval '1 day'`;
    const many = 'from generate_series(1, 10100) n';
    await database.rows(
      `${anEventRow} gen_random_uuid(), 'evt_many_' || n, 'plan', 'unmatched', now(), now() ${many}`,
    );
    await database.rows(`${aJobRow}, 0, 25 ${many}`);
    await database.rows(
      `${anEventRow} gen_random_uuid(), 'evt_stuck', 'plan', 'fetching', now() - interval '90 s', now()`,
    );
    await database.rows(`${aJobRow}, 25, 25`);

    const { jobs, openEvents, oldestFetchingSeconds } = await states.read();

    await database.rows(
      `delete from webhook_events where stripe_event_id like 'evt_many_%' or outcome = 'fetching'`,
    );
    await database.rows(`delete from graphile_worker._private_jobs where run_at > now() + interval '1 hour'`);
    expect(jobs).toMatchObject({ failed: 1, scheduled: 10_100 });
    expect(openEvents).toMatchObject({ fetching: 1, unmatched: 10_000 });
    expect(oldestFetchingSeconds).toBeGreaterThan(89);
  });

  it('show the fault of a channel while it lasts', async () => {
    const faultAt = async (pausedUntil: string) => {
      await service.database
        .rows(`insert into notification_channel_states (channel, failures, reason, paused_until)
        values ('email', 1, '535', ${pausedUntil})`);
      const { channelFaults } = await service.app.get(ServiceStateReader).read();
      await service.database.rows('delete from notification_channel_states');
      return channelFaults;
    };

    expect(await faultAt(`now() + interval '4 minutes'`)).toEqual({ email: '535' });
    expect(await faultAt(`now() - interval '9 minutes'`)).toEqual({ email: '535' });
    expect(await faultAt(`now() - interval '11 minutes'`)).toEqual({});
  });

  it('count events, deliveries, jobs and connections', async () => {
    const read = (name: string, labels?: Record<string, string>) => readMetric(service.url, name, labels);
    expect(await read('webhook_events_total', { type: 'customer.created', outcome: 'created' })).toBe(1);
    expect(await read('webhook_event_errors_total')).toBe(1);
    expect(
      await read('notifications_ended_total', { kind: 'welcome', channel: 'email', status: 'sent' }),
    ).toBe(1);
    expect(await read('notification_attempts_total', { channel: 'email', outcome: 'accepted' })).toBe(1);
    expect(await read('job_runs_total', { task: 'deliver-notification', outcome: 'done' })).toBeGreaterThan(
      0,
    );
    expect(await read('database_up')).toBe(1);
    expect(await read('database_pool_max', { pool: 'intake' })).toBe(3);
    expect(await read('jobs', { state: 'failed' })).toBe(0);
    expect(await read('mingus_build_info', { commit: 'unknown' })).toBe(1);
  });

  it('hold no personal data', async () => {
    const [customer] = await service.database.rows<{ email: string; stripe_customer_id: string }>(
      'select email, stripe_customer_id from customers',
    );
    const text = await scrape();
    expect(text).not.toContain(customer?.email);
    expect(text).not.toContain(customer?.stripe_customer_id);
  });

  describe('for people', () => {
    const summary = (query = '') => service.admin(`metrics/summary${query}`);

    it('are the same figures by hour and by day', async () => {
      for (const step of ['hour', 'day']) {
        const { status, body } = await summary(`?step=${step}`);
        expect(status).toBe(200);
        expect(body.total).toMatchObject({
          start: null,
          events: 2,
          customersCreated: 1,
          customersFailed: 1,
          creationSuccessRate: 0.5,
          notifications: { sent: 3 },
          deliveryRate: 1,
          processingMsP50: expect.any(Number),
          processingMsP95: expect.any(Number),
        });
        expect(Object.values(body.total.errors)).toEqual([1]);
        const sum = (of: (period: { events: number }) => number) =>
          body.periods.reduce((total: number, period: { events: number }) => total + of(period), 0);
        expect(sum(({ events }) => events)).toBe(2);
      }
    });

    it('are empty for a time without events', async () => {
      const { body } = await summary('?since=2020-01-01T00:00:00Z&until=2020-01-01T12:00:00Z');
      expect(body.total).toMatchObject({
        events: 0,
        creationSuccessRate: null,
        deliveryRate: null,
        errors: {},
      });
      expect(body.periods).toEqual([]);
    });

    it.each([
      '?step=minute',
      '?since=soon',
      '?since=2020-01-01T00:00:00Z',
      '?until=2020-01-01&since=2020-01-02',
      '?x=1',
    ])('are refused for %s', async (query) => {
      expect((await summary(query)).status).toBe(400);
    });
  });

  it.runIf(hasPrometheus)(
    'reach a real Prometheus, which loads every rule (needs prometheus and promtool)',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'mingus-prometheus-'));
      const port = await findFreePort();
      const target = new URL(service.url).host;
      const config = {
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: [join(process.cwd(), ALERTS)],
        scrape_configs: [{ job_name: 'mingus-onboarding', static_configs: [{ targets: [target] }] }],
      };
      writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
      const prometheus: ChildProcess = spawn(
        'prometheus',
        [
          `--config.file=${join(folder, 'prometheus.yml')}`,
          `--storage.tsdb.path=${join(folder, 'data')}`,
          `--web.listen-address=127.0.0.1:${port}`,
        ],
        { stdio: 'ignore' },
      );
      const ask = async (path: string) => {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => null);
        return answer?.ok
          ? ((await answer.json()) as { data: { result: { value: [number, string] }[] } }).data
          : null;
      };
      try {
        const query = encodeURIComponent('webhook_events_total{outcome="created"}');
        const result = await waitFor('a scrape', async () => {
          const found = await ask(`query?query=${query}`);
          return found?.result.length ? found.result : null;
        });
        expect(result[0]?.value[1]).toBe('1');
      } finally {
        prometheus.kill();
        await new Promise((resolve) => {
          prometheus.once('exit', resolve);
        });
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describe('the rules for Prometheus', () => {
  it('name only metrics that exist', () => {
    const known = new Set<string>([...Object.keys(METRICS), ...RUNTIME_METRICS, 'up']);
    const expressions = [...readFileSync(ALERTS, 'utf8').matchAll(/expr: (?:>-\n)?((?:.|\n)*?)\n {8}\w+:/g)];
    expect(expressions.length).toBeGreaterThan(10);
    for (const [, expression = ''] of expressions) {
      const names = [
        ...expression
          .replaceAll(/\{[^}]*\}|by \([^)]*\)|"[^"]*"/g, '')
          .matchAll(/[a-z][a-z0-9_]*_[a-z0-9_]+|\bjobs\b/g),
      ]
        .map(([name]) => name.replace(/_bucket$/, ''))
        .filter((name) => name !== 'histogram_quantile');
      for (const name of names) expect(known, expression).toContain(name);
    }
  });

  it.runIf(hasPrometheus).each([
    ['check', 'rules', ALERTS],
    ['test', 'rules', 'ops/prometheus/alerts.test.yml'],
  ])('hold: promtool %s %s %s', (...args) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});
