import { type Provider, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { isScheduled, JOBS, type JobTask } from '../../src/events/job-tasks.js';
import { DatabaseSettings } from '../../src/platform/database/database.settings.js';
import { SettingsModule } from '../../src/platform/settings/settings.module.js';
import { JobSettings } from '../../src/platform/jobs/job.settings.js';
import { JobHandler } from '../../src/platform/jobs/job-handler.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { WorkerLease } from '../../src/platform/jobs/worker-lease.service.js';
import { testEnvironment } from '../support/test-app.js';

const TASKS = Object.keys(JOBS) as JobTask[];

function aHandlerOf(task: JobTask): Type {
  @JobHandler(task)
  class Handler {
    async run(): Promise<void> {}
  }
  @JobHandler(task)
  class ScheduledHandler extends Handler {
    schedule = null;
  }
  return isScheduled(task) ? ScheduledHandler : Handler;
}

/** Starts the job runner with these handlers. */
async function boot(handlers: Provider[]): Promise<void> {
  const environment = testEnvironment('postgres://nowhere/none', 25);
  const testing = await Test.createTestingModule({
    imports: [DiscoveryModule, SettingsModule.forRoot([DatabaseSettings, JobSettings], environment)],
    providers: [JobRunner, WorkerLease, Registry, ...handlers],
  }).compile();
  await testing.init();
}

describe('booting', () => {
  it('succeeds when every job has one handler', async () => {
    await expect(boot(TASKS.map(aHandlerOf))).resolves.toBeUndefined();
  });

  it('fails and names the jobs without a handler', async () => {
    const others = TASKS.filter((task) => task !== 'keep-house' && task !== 'deliver-notification');

    await expect(boot(others.map(aHandlerOf))).rejects.toThrow(
      'No provider for the job "deliver-notification", "keep-house"',
    );
  });

  it('fails when the handler of a scheduled job has no schedule', async () => {
    @JobHandler('keep-house')
    class Unscheduled {
      async run(): Promise<void> {}
    }
    const others = TASKS.filter((task) => task !== 'keep-house').map(aHandlerOf);

    await expect(boot([...others, Unscheduled])).rejects.toThrow('"keep-house" and JOBS disagree');
  });

  it('fails and names a job with two handlers', async () => {
    const handlers = [...TASKS, 'deliver-notification' as const].map(aHandlerOf);

    await expect(boot(handlers)).rejects.toThrow('Two providers for the job "deliver-notification"');
  });
});
