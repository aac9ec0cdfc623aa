import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { AlertEvaluator } from '../../src/monitoring/alerts/evaluation/alert-evaluator.service.js';
import { SignalRecorder } from '../../src/monitoring/alerts/signals/signal-recorder.service.js';
import { ALERT_NAMES } from '../../src/monitoring/alerts/declarations/alert-declarations.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { aCustomer, anEvent, type Fields } from './builders.js';
import { TestApp, type TestAppOptions } from './test-app.js';
import { waitFor } from './wait-for.js';

/** Settings with which all alerts fire and end at once. Numbers are the defaults, except those given. */
export function promptly(rules: Record<string, object> = {}): string {
  const prompt = { forSeconds: 0, clearSeconds: 0 };
  return JSON.stringify(Object.fromEntries(ALERT_NAMES.map((name) => [name, { ...prompt, ...rules[name] }])));
}

/** A server that receives alerts as Slack does. */
export class AlertHook {
  readonly texts: string[] = [];
  /** The status that it answers. */
  status = 200;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<AlertHook> {
    const hook: AlertHook = new AlertHook(
      createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        request.on('end', () => {
          if (hook.status === 200) hook.texts.push((JSON.parse(body) as { text: string }).text);
          response.writeHead(hook.status).end();
        });
      }),
    );
    await new Promise<void>((resolve) => {
      hook.server.listen(0, '127.0.0.1', resolve);
    });
    return hook;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  /** The messages received about an alert, each in a word or two. */
  sent(name: string): string[] {
    const texts = this.texts.filter((text) => text.includes(`\n${name}, `));
    return texts.map((text) => text.slice(1, text.indexOf(']')));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }
}

/**
 * A service whose alerts fire at once and are sent to a hook. It runs jobs and evaluations only when asked
 * to.
 */
export class AlertedService {
  private constructor(
    readonly service: TestApp,
    readonly hook: AlertHook,
  ) {}

  static async start({ env, ...options }: TestAppOptions = {}): Promise<AlertedService> {
    const hook = await AlertHook.start();
    const alerts = {
      ALERT_RULES: promptly({ oldest_unprocessed: { fire: 1 }, no_worker: { enabled: false } }),
      ALERT_WEBHOOK_URL: hook.url,
    };
    return new AlertedService(await TestApp.start({ ...options, env: { ...alerts, ...env } }), hook);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.hook.stop();
  }

  /** Evaluates all alerts once, with everything counted so far. */
  async evaluate(): Promise<void> {
    const { app } = this.service;
    // If the database is down, the counts are recorded later.
    await Promise.allSettled([app.get(SignalRecorder).record()]);
    await app.get(AlertEvaluator).evaluate();
  }

  /** The state of an alert as operators see it. */
  async alert(name: string) {
    const { body } = await this.service.admin('alerts');
    return body.find((alert: { name: string }) => alert.name === name);
  }

  /** Proves that an alert fires with a fault and ends after it, and that both are reported. */
  async proves(name: string, fault: () => Promise<unknown>, mend: () => Promise<unknown>): Promise<void> {
    await this.evaluate();
    expect(['inactive', 'resolved']).toContain((await this.alert(name)).state);
    const sentBefore = this.hook.sent(name).length;
    await fault();
    await this.evaluate();
    expect(await this.alert(name)).toMatchObject({ name, state: 'firing' });
    await mend();
    await this.evaluate();
    expect(await this.alert(name)).toMatchObject({ name, state: 'resolved' });
    expect(this.hook.sent(name).slice(sentBefore)).toEqual(['FIRING', 'RESOLVED']);
  }

  /** Lets the time pass over which counts are summed. */
  async twoHoursPass(): Promise<void> {
    await this.service.database.rows(`update signal_counts set minute = minute - interval '2 hours'`);
  }

  async onboard(fields: Fields = {}): Promise<void> {
    const { metadata } = await this.service.createUser();
    await this.service.deliver(anEvent(aCustomer({ metadata, ...fields })));
  }

  /** Runs jobs until none is due. */
  async work(): Promise<void> {
    const runner = this.service.app.get(JobRunner);
    await runner.start([]);
    const due = 'run_at <= now() and attempts < max_attempts';
    await waitFor(
      'nothing due',
      async () => (await this.service.database.count('graphile_worker._private_jobs', due)) === 0,
    );
    await runner.stop();
  }
}
