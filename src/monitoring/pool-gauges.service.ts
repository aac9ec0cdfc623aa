import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { INTAKE } from '../platform/database/database-options.js';
import { JobRunner } from '../platform/jobs/job-runner.service.js';
import { gauge } from '../platform/metrics/metrics.js';

type PoolState = Pick<Pool, 'totalCount' | 'idleCount' | 'waitingCount' | 'options'>;

/** Gauges of the database connections of this process. */
@Injectable()
export class PoolGauges {
  constructor(
    @InjectDataSource() private readonly general: DataSource,
    @InjectDataSource(INTAKE) private readonly intake: DataSource,
    private readonly jobs: JobRunner,
    registry: Registry,
  ) {
    gauge(registry, 'database_pool_connections', (connections) => {
      for (const [pool, { totalCount, idleCount }] of this.pools()) {
        connections.set({ pool, state: 'busy' }, totalCount - idleCount);
        connections.set({ pool, state: 'idle' }, idleCount);
      }
    });
    gauge(registry, 'database_pool_waiting', (waiting) => {
      for (const [pool, { waitingCount }] of this.pools()) waiting.set({ pool }, waitingCount);
    });
    gauge(registry, 'database_pool_max', (max) => {
      for (const [pool, { options }] of this.pools()) max.set({ pool }, options.max ?? 0);
    });
  }

  private pools(): [string, PoolState][] {
    const all: [string, PoolState | undefined][] = [
      ['intake', poolOf(this.intake)],
      ['general', poolOf(this.general)],
      ['jobs', this.jobs.connections],
    ];
    return all.filter((entry): entry is [string, PoolState] => entry[1] !== undefined);
  }
}

function poolOf({ driver }: DataSource): PoolState | undefined {
  return (driver as unknown as { master?: PoolState }).master;
}
