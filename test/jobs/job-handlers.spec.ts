import { type Provider, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { JOB_TASKS, type JobTask } from '../../src/events/job-tasks.js';
import { AppConfig } from '../../src/platform/config/app-config.js';
import { readEnvironment } from '../../src/platform/config/environment.js';
import { JobHandler } from '../../src/platform/jobs/job-handler.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { WorkerLease } from '../../src/platform/jobs/worker-lease.service.js';
import { testEnvironment } from '../support/test-app.js';

function aHandlerOf(task: JobTask): Type {
  @JobHandler(task)
  class Handler {
    async run(): Promise<void> {}
  }
  return Handler;
}

/** Boots what runs the jobs, with these handlers. */
async function boot(handlers: Provider[]): Promise<void> {
  const config = new AppConfig(readEnvironment(testEnvironment('postgres://nowhere/none', 25)));
  const testing = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [JobRunner, WorkerLease, Registry, { provide: AppConfig, useValue: config }, ...handlers],
  }).compile();
  await testing.init();
}

describe('booting', () => {
  it('succeeds when every job has one handler', async () => {
    await expect(boot(JOB_TASKS.map(aHandlerOf))).resolves.toBeUndefined();
  });

  it('fails and names the jobs without a handler', async () => {
    const others = JOB_TASKS.filter((task) => task !== 'keep-house' && task !== 'deliver-notification');

    await expect(boot(others.map(aHandlerOf))).rejects.toThrow(
      'No handler for the jobs: deliver-notification, keep-house',
    );
  });

  it('fails and names a job with two handlers', async () => {
    const handlers = [...JOB_TASKS, 'deliver-notification' as const].map(aHandlerOf);

    await expect(boot(handlers)).rejects.toThrow('Two handlers for the job "deliver-notification"');
  });
});
