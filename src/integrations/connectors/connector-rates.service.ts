import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OutboundFault } from '../../platform/outbound/outbound-http.service.js';
import type { RatePolicy } from './connector.js';

/** A claim of deliveries lasts for many such waits. */
const LONGEST_WAIT_MS = 5000;

/** Keeps the rate of each credential over all processes: one row, from which each request takes its time. */
@Injectable()
export class ConnectorRates {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Resolves when the next request may be made. Requests are spaced evenly; an idle credential saves up nothing.
   * @throws OutboundFault if the wait is long; the connector is paused then
   */
  async take(credential: string, { requests, perSeconds }: RatePolicy): Promise<void> {
    if (requests === 0) return;
    const [row] = await this.dataSource.query<{ waitMs: number }[]>(TAKE, [
      credential,
      perSeconds / requests,
    ]);
    if (!row || row.waitMs === 0) return;
    if (row.waitMs > LONGEST_WAIT_MS)
      throw new OutboundFault('RATE_HELD', false, undefined, new Date(Date.now() + row.waitMs));
    await sleep(row.waitMs);
  }

  /** Lets no further request begin before this time. */
  async hold(credential: string, freeAt: Date): Promise<void> {
    await this.dataSource.query(HOLD, [credential, freeAt]);
  }
}

const TAKE = `
  insert into connector_rates as rate (credential, free_at)
  values ($1, now() + make_interval(secs => $2))
  on conflict (credential) do update
  set free_at = greatest(rate.free_at, clock_timestamp()) + make_interval(secs => $2)
  returning greatest(0, 1000 * (extract(epoch from free_at - clock_timestamp()) - $2))::float8 as "waitMs"`;

const HOLD = `
  insert into connector_rates as rate (credential, free_at) values ($1, $2)
  on conflict (credential) do update set free_at = greatest(rate.free_at, excluded.free_at)`;
