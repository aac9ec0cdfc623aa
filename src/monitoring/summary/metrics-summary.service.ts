import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { smallestUuidOf } from '../../platform/database/uuid.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { StorageReader } from '../storage/storage-reader.service.js';
import type { MetricsPeriodDto, MetricsSummaryDto, MetricsSummaryQuery } from './metrics-summary.dto.js';

const STEP_MS = { hour: 3_600_000, day: 86_400_000 };
const DEFAULT_PERIODS = { hour: 24, day: 30 };
const PERIODS_MAX = 200;

/** Sums up the stored events and notifications, and their sizes. */
@Injectable()
export class MetricsSummary {
  constructor(
    private readonly storage: StorageReader,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError period_invalid */
  async of({ step, since, until = new Date() }: MetricsSummaryQuery): Promise<MetricsSummaryDto> {
    const from = since ?? new Date(until.getTime() - DEFAULT_PERIODS[step] * STEP_MS[step]);
    const count = (until.getTime() - from.getTime()) / STEP_MS[step];
    if (!(count > 0 && count <= PERIODS_MAX)) {
      throw new DomainError('period_invalid', `until must be after since, by at most ${PERIODS_MAX} periods`);
    }
    const rows = await this.dataSource.query<MetricsPeriodDto[]>(SUMMARY, [
      step,
      from,
      until,
      smallestUuidOf(from),
      smallestUuidOf(until),
    ]);
    const total = rows.find(({ start }) => start === null);
    if (!total) throw new Error('The whole time is missing');
    const periods = rows.filter(({ start }) => start !== null);
    return { since: from, until, total, periods, storage: await this.storage.read() };
  }
}

/**
 * Grouping sets give each period and the whole time. The range of ids is a little wider than that of the
 * times.
 */
const SUMMARY = `
  with events as (
    select date_trunc($1, received_at, 'UTC') as start, outcome, error_code,
      case when outcome <> 'fetching'
        then extract(epoch from coalesce(first_decided_at, decided_at) - received_at) * 1000 end as processing_ms,
      type in ('customer.created', 'v1.customer.created') as is_new,
      outcome in ('rejected', 'unmatched') and exists (
        select from customers where customers.stripe_customer_id = webhook_events.stripe_customer_id
      ) as is_mended
    from webhook_events
    where id >= $4 and id < $5 and received_at >= $2 and received_at < $3
  ), of_events as (
    select start, count(*)::int as events,
      count(*) filter (
        where is_new and (is_mended or outcome in ('created', 'updated', 'duplicate', 'stale')))::int as created,
      count(*) filter (where is_new and not is_mended and outcome in ('rejected', 'unmatched'))::int as failed,
      percentile_cont(0.5) within group (order by processing_ms) as p50,
      percentile_cont(0.95) within group (order by processing_ms) as p95
    from events group by grouping sets ((start), ())
  ), of_errors as (
    select start, jsonb_object_agg(error_code, count) as errors
    from (
      select start, error_code, count(*) from events where error_code is not null
      group by grouping sets ((start, error_code), (error_code))
    ) as codes group by start
  ), sent as (
    select date_trunc($1, created_at, 'UTC') as start, status
    from notifications where id >= $4 and id < $5 and created_at >= $2 and created_at < $3
  ), of_notifications as (
    select start, jsonb_object_agg(status, count) as by_status,
      sum(count) filter (where status = 'sent') as sent,
      sum(count) filter (where status in ('sent', 'failed', 'held')) as ended
    from (select start, status, count(*) from sent group by grouping sets ((start, status), (status))) as statuses
    group by start
  ), starts as (
    select start from of_events union select start from of_notifications
  )
  select starts.start, coalesce(events, 0) as events, coalesce(created, 0) as "customersCreated",
    coalesce(failed, 0) as "customersFailed", created::float / nullif(created + failed, 0) as "creationSuccessRate",
    p50 as "processingMsP50", p95 as "processingMsP95", coalesce(by_status, '{}') as notifications,
    (coalesce(sent, 0) / nullif(ended, 0))::float as "deliveryRate", coalesce(errors, '{}') as errors
  from starts
    left join of_events on of_events.start is not distinct from starts.start
    left join of_errors on of_errors.start is not distinct from starts.start
    left join of_notifications on of_notifications.start is not distinct from starts.start
  order by starts.start`;
