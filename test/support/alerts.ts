import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { AlertEvaluator } from '../../src/monitoring/alerts/evaluation/alert-evaluator.service.js';
import { SignalRecorder } from '../../src/monitoring/alerts/signals/signal-recorder.service.js';
import { ALERT_NAMES } from '../../src/platform/config/alert-thresholds.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { aCustomer, anEvent, type Fields } from './builders.js';
import { TestApp, type TestAppOptions } from './test-app.js';
import { waitFor } from './wait-for.js';

/** All alerts fire and are over at once; the numbers are the defaults but for what is given. */
export function promptly(rules: Record<string, object> = {}): string {
  const prompt = { forSeconds: 0, clearSeconds: 0 };
  return JSON.stringify(Object.fromEntries(ALERT_NAMES.map((name) => [name, { ...prompt, ...rules[name] }])));
}

/** What takes alerts as Slack does. */
export class AlertHook {
  readonly texts: string[] = [];
  /** What it answers. */
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

  /** What was told of an alert, in a word or two each. */
  told(name: string): string[] {
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

/** A service whose alerts fire promptly and are told to a hook. It runs jobs and looks only when told to. */
export class AlertedService {
  private constructor(
    readonly service: TestApp,
    readonly hook: AlertHook,
  ) {}

  static async start({ env, ...options }: TestAppOptions = {}): Promise<AlertedService> {
    const hook = await AlertHook.start();
    const alerts = {
      ALERT_RULES: promptly({ oldest_unprocessed: { fire: 1 } }),
      ALERT_WEBHOOK_URL: hook.url,
    };
    return new AlertedService(await TestApp.start({ ...options, env: { ...alerts, ...env } }), hook);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.hook.stop();
  }

  /** Looks once, with all that has been counted. */
  async evaluate(): Promise<void> {
    const { app } = this.service;
    // What cannot be recorded while the database is away is recorded later.
    await Promise.allSettled([app.get(SignalRecorder).record()]);
    await app.get(AlertEvaluator).evaluate();
  }

  /** How an alert stands, as operators see it. */
  async alert(name: string) {
    const { body } = await this.service.admin('alerts');
    return body.find((alert: { name: string }) => alert.name === name);
  }

  /** All is well; it fires and that is told; it is well again and that is told. */
  async proves(name: string, fault: () => Promise<unknown>, mend: () => Promise<unknown>): Promise<void> {
    await this.evaluate();
    expect(['inactive', 'resolved']).toContain((await this.alert(name)).state);
    const toldBefore = this.hook.told(name).length;
    await fault();
    await this.evaluate();
    expect(await this.alert(name)).toMatchObject({ name, state: 'firing' });
    await mend();
    await this.evaluate();
    expect(await this.alert(name)).toMatchObject({ name, state: 'resolved' });
    expect(this.hook.told(name).slice(toldBefore)).toEqual(['FIRING', 'RESOLVED']);
  }

  /** The time passes that counts are summed over. */
  async twoHoursPass(): Promise<void> {
    await this.service.database.rows(`update signal_counts set minute = minute - interval '2 hours'`);
  }

  async onboard(fields: Fields = {}): Promise<void> {
    const { metadata } = await this.service.createUser();
    await this.service.deliver(anEvent(aCustomer({ metadata, ...fields })));
  }

  /** Runs the jobs until none is due. */
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
