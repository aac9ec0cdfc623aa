import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AlertEvaluator } from '../../../src/monitoring/alerts/evaluation/alert-evaluator.service.js';
import { ALERTS } from '../../../src/monitoring/alerts/declarations/alert-declarations.js';
import { ALERT_NAMES } from '../../../src/monitoring/alerts/declarations/alert-declarations.js';
import { AlertedService } from '../../support/alerts.js';
import type { Fields } from '../../support/builders.js';
import { readMetric } from '../../support/metrics.js';
import { TestApp } from '../../support/test-app.js';

const HOUR_MS = 3_600_000;
const OPS = 'ops@mingus.test';

describe('alerts', () => {
  let alerted: AlertedService;
  let now = () => new Date();

  beforeAll(async () => {
    const env = { ALERT_EMAIL_TO: OPS, RUNBOOK_URL: 'https://wiki.mingus.test/runbook' };
    alerted = await AlertedService.start({ env, now: () => now() });
  });
  afterEach(async () => {
    alerted.hook.status = 200;
    await alerted.service.admin('alerts/dead_jobs/silence', undefined, 'DELETE');
    await well();
    now = () => new Date();
    alerted.hook.texts.length = 0;
    alerted.service.smtp.mails.length = 0;
  });
  afterAll(() => alerted.stop());

  const at = (hours: number) => {
    const time = new Date(Date.now() + hours * HOUR_MS);
    now = () => time;
  };
  const act = (path: string, body?: unknown, method = 'POST') =>
    alerted.service.admin(`alerts/${path}`, body, method);
  const sent = () => alerted.hook.sent('dead_jobs');

  /** Makes the alert fire: a job has failed for good. */
  async function fire(): Promise<void> {
    await alerted.service.database.rows(
      `select graphile_worker.add_job('track-billing', '{"customerId":"none"}', max_attempts := 1)`,
    );
    await alerted.work();
    await alerted.evaluate();
  }

  async function well(): Promise<void> {
    await alerted.service.database.rows('delete from graphile_worker._private_jobs');
    await alerted.evaluate();
  }

  async function changes(name = 'dead_jobs'): Promise<string[]> {
    const { body } = await act(`changes?name=${name}`, undefined, 'GET');
    return body.items.map(({ change }: Fields) => change).toReversed();
  }

  it('are all listed before the first evaluation', async () => {
    const fresh = await TestApp.start();
    const { body } = await fresh.admin('alerts');
    await fresh.stop();

    expect(body.map(({ name }: Fields) => name)).toEqual(ALERT_NAMES);
    expect(body[0]).toEqual({
      name: 'high_error_rate',
      title: 'New customers are not created',
      severity: 'critical',
      enabled: true,
      state: 'inactive',
      since: null,
      value: 0,
      detail: '',
      fire: 0.1,
      resolve: 0.05,
      forSeconds: 60,
      clearSeconds: 300,
      evaluatedAt: null,
      evaluatedSecondsAgo: null,
      isStale: true,
      acknowledgedBy: null,
      silencedUntil: null,
      silenceReason: null,
      runbookUrl: 'docs/runbook.md#customers-are-not-created-high-error-rate',
    });
  });

  it('link to existing sections of the runbook', () => {
    const headings = readFileSync('docs/runbook.md', 'utf8').match(/(?<=^## ).+$/gm) ?? [];
    const anchors = new Set(
      headings.map((heading) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    const missing = ALERT_NAMES.filter((name) => !anchors.has(ALERTS[name].runbook));
    expect(missing).toEqual([]);
    const [, ...rules] = readFileSync('ops/prometheus/alerts.yml', 'utf8').split('- alert: ');
    expect(rules.length).toBeGreaterThan(10);
    const astray = rules.filter((rule) => {
      const [, anchor = ''] = /runbook: docs\/runbook\.md#(\S+)/.exec(rule) ?? [];
      return !anchors.has(anchor);
    });
    expect(astray.map((rule) => rule.split('\n')[0])).toEqual([]);
  });

  it('are sent once by hook and mail, with the fault and what to do', async () => {
    await fire();
    await alerted.evaluate();

    expect(alerted.hook.texts).toEqual([
      expect.stringMatching(
        /^\[FIRING\] warning: Jobs were given up \(onboarding\.mingus\.test\)\n1 jobs have been given up\.\ndead_jobs, .+Z\nInstallation: .+\nWhat to do: https:\/\/wiki\.mingus\.test\/runbook#jobs-were-given-up$/,
      ),
    ]);
    const [sunk, ...others] = alerted.service.smtp.to(OPS);
    expect(others).toEqual([]);
    expect(sunk?.mail.subject).toBe('[FIRING] warning: Jobs were given up (onboarding.mingus.test)');
    const installation = `Installation: https://onboarding.mingus.test (test), reported by host ${hostname()}`;
    expect(alerted.hook.texts[0]).toContain(`\n${installation}\n`);
    expect(sunk?.mail.text).toContain(installation);
    expect(sunk?.mail.text).toContain('#jobs-were-given-up');
    expect(await readMetric(alerted.service.url, 'alert_firing', { alert: 'dead_jobs' })).toBe(1);
  });

  it('are sent again to the route that failed, and to no other', async () => {
    alerted.hook.status = 500;
    await fire();
    await alerted.evaluate();
    expect([sent(), alerted.service.smtp.to(OPS).length]).toEqual([[], 1]);

    alerted.hook.status = 200;
    await alerted.evaluate();
    await alerted.evaluate();

    expect([sent(), alerted.service.smtp.to(OPS).length]).toEqual([['FIRING'], 1]);
  });

  it('are evaluated by one process at a time', async () => {
    const before = (await changes()).length;
    await alerted.service.database.rows(
      `select graphile_worker.add_job('track-billing', '{"customerId":"none"}', max_attempts := 1)`,
    );
    await alerted.work();
    const evaluator = alerted.service.app.get(AlertEvaluator);

    await Promise.all(Array.from({ length: 5 }, () => evaluator.evaluate()));

    expect((await changes()).slice(before)).toEqual(['firing']);
    expect(sent()).toEqual(['FIRING']);
  });

  it('send reminders every four hours until they are acknowledged', async () => {
    const before = (await changes()).length;
    await fire();
    at(3.9);
    await alerted.evaluate();
    expect(sent()).toEqual(['FIRING']);
    at(4.1);
    await alerted.evaluate();
    expect(sent()).toEqual(['FIRING', 'STILL FIRING']);

    const { status, body } = await act('dead_jobs/acknowledge');
    at(20);
    await alerted.evaluate();

    expect([status, body.acknowledgedBy]).toEqual([200, 'ADMIN_API_KEY']);
    expect(sent()).toEqual(['FIRING', 'STILL FIRING']);
    await well();
    expect(sent()).toEqual(['FIRING', 'STILL FIRING', 'RESOLVED']);
    expect((await changes()).slice(before)).toEqual(['firing', 'reminded', 'resolved']);
    expect((await alerted.alert('dead_jobs')).acknowledgedBy).toBeNull();
  });

  it('are not sent while silenced; afterwards those still firing are sent', async () => {
    await alerted.evaluate();
    const until = new Date(Date.now() + HOUR_MS).toISOString();
    const { status, body } = await act('dead_jobs/silence', { until, reason: 'A release' });
    expect([status, body.silencedUntil, body.silenceReason]).toEqual([200, until, 'A release']);

    await fire();
    expect([sent(), (await alerted.alert('dead_jobs')).state]).toEqual([[], 'firing']);

    at(1.1);
    await alerted.evaluate();
    expect(sent()).toEqual(['STILL FIRING']);
  });

  it('keep the acts of operators in the audit trail', async () => {
    await fire();
    const until = new Date(Date.now() + HOUR_MS).toISOString();
    await act('dead_jobs/acknowledge');
    await act('dead_jobs/silence', { until, reason: 'A release' });
    await act('dead_jobs/silence', undefined, 'DELETE');

    const { body } = await alerted.service.admin('audit-entries?objectId=dead_jobs');

    expect(body.items.slice(0, 3)).toMatchObject([
      { action: 'alert.unsilenced', actorType: 'operator', actorName: 'ADMIN_API_KEY' },
      { action: 'alert.silenced', details: { until, reason: 'A release' } },
      { action: 'alert.acknowledged', objectType: 'alert' },
    ]);
  });

  it('are not evaluated when they are disabled', async () => {
    const quiet = await AlertedService.start({ env: { ALERT_RULES: '{"dead_jobs":{"enabled":false}}' } });
    await quiet.service.database.rows(
      `select graphile_worker.add_job('track-billing', '{"customerId":"none"}', max_attempts := 1)`,
    );
    await quiet.work();
    await quiet.evaluate();
    const alert = await quiet.alert('dead_jobs');
    await quiet.stop();

    expect(alert).toMatchObject({ enabled: false, state: 'inactive', detail: 'Disabled in ALERT_RULES' });
  });

  it.each<[string, string, unknown, number, RegExp]>([
    ['an unknown alert', 'nothing/acknowledge', undefined, 404, /alert_not_found/],
    ['an alert that does not fire', 'silence/acknowledge', undefined, 409, /alert_not_firing/],
    ['no time', 'dead_jobs/silence', { reason: 'x' }, 400, /until/],
    ['no reason', 'dead_jobs/silence', { until: '2099-01-01' }, 400, /reason/],
    ['an empty reason', 'dead_jobs/silence', { until: '2099-01-01', reason: '' }, 400, /reason/],
    ['a time that is none', 'dead_jobs/silence', { until: 'soon', reason: 'x' }, 400, /until/],
    ['the past', 'dead_jobs/silence', { until: '2020-01-01', reason: 'x' }, 400, /in the future/],
    ['the next century', 'dead_jobs/silence', { until: '2100-01-01', reason: 'x' }, 400, /90 days/],
    ['more fields', 'dead_jobs/silence', { until: '2099-01-01', reason: 'x', by: 'me' }, 400, /by/],
  ])('refuse %s', async (_, path, body, status, words) => {
    await alerted.evaluate();
    const answer = await act(path, body);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([status, expect.stringMatching(words)]);
  });
});
