import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OutboundFault } from '../../platform/outbound/outbound-http.service.js';
import type { RatePolicy } from './connector.js';

/** A claim of deliveries lasts for many such waits. With a slower rate, the wait for one request is allowed. */
const LONGEST_WAIT_MS = 5000;
/** Also with the slowest rates. */
const LIMIT_MS = 30_000;

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
    const spacingMs = (1000 * perSeconds) / requests;
    const longestMs = Math.min(Math.max(LONGEST_WAIT_MS, spacingMs), LIMIT_MS);
    const [taken] = await this.dataSource.query<{ waitMs: number }[]>(TAKE, [
      credential,
      spacingMs / 1000,
      longestMs / 1000,
    ]);
    if (!taken) throw new OutboundFault('RATE_HELD', false, undefined, await this.freeAt(credential));
    if (taken.waitMs > 0) await sleep(taken.waitMs);
  }

  private async freeAt(credential: string): Promise<Date> {
    const [rate] = await this.dataSource.query<{ freeAt: Date }[]>(FREE_AT, [credential]);
    return rate?.freeAt ?? new Date();
  }

  /** Lets no further request begin before this time. */
  async hold(credential: string, freeAt: Date): Promise<void> {
    await this.dataSource.query(HOLD, [credential, freeAt]);
  }
}

/** No row if the wait is longer than `$3`. A request that is not made takes no time from later ones. */
const TAKE = `
  insert into connector_rates as rate (credential, free_at)
  values ($1, now() + make_interval(secs => $2))
  on conflict (credential) do update
  set free_at = greatest(rate.free_at, clock_timestamp()) + make_interval(secs => $2)
  where rate.free_at <= clock_timestamp() + make_interval(secs => $3)
  returning greatest(0, 1000 * (extract(epoch from free_at - clock_timestamp()) - $2))::float8 as "waitMs"`;

const FREE_AT = 'select free_at as "freeAt" from connector_rates where credential = $1';

const HOLD = `
  insert into connector_rates as rate (credential, free_at) values ($1, $2)
  on conflict (credential) do update set free_at = greatest(rate.free_at, excluded.free_at)`;
