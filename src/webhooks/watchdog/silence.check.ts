import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { silenceOf } from './silence.js';
import type { Finding, WatchdogCheck } from './watchdog-check.js';

const HOURS = 7 * 24;

interface TrafficRow {
  last: Date | null;
  hours: boolean[] | null;
}

/**
 * Checks whether no event has arrived for longer than usual. Needs no Stripe key, and also notices faults
 * that Stripe cannot see.
 */
@Injectable()
export class SilenceCheck implements WatchdogCheck {
  readonly name = 'silence';

  constructor(
    private readonly clock: Clock,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async look(): Promise<Finding> {
    const [row] = await this.dataSource.query<TrafficRow[]>(TRAFFIC, [HOURS]);
    return silenceOf(row?.last ?? null, row?.hours ?? [], this.clock.now());
  }
}

/**
 * Reads which hours of the week before the last event had events. Ids contain the time of arrival, so each
 * hour is one lookup in the primary key.
 */
const TRAFFIC = `
  with last as (
    select received_at, extract(epoch from received_at)::bigint + 1 as second
    from webhook_events
    order by id desc
    limit 1
  ), hours as (
    select n, to_hex((second - n * 3600) * 1000) as until, to_hex((second - (n + 1) * 3600) * 1000) as since
    from last, generate_series(0, $1::int - 1) n
  )
  select (select received_at from last) as last,
    array_agg(exists (
      select from webhook_events
      where id >= (lpad(since, 12, '0') || repeat('0', 20))::uuid
        and id < (lpad(until, 12, '0') || repeat('0', 20))::uuid
    ) order by n desc) as hours
  from hours`;
