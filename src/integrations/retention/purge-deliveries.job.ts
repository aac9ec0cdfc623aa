import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { RowsPurged } from '../../events/rows-purged.event.js';
import { Clock } from '../../platform/clock.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { smallestUuidOf } from '../../platform/database/uuid.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import { IntegrationsSettings } from '../integrations.settings.js';

const ROWS_PER_PAGE = 2000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const DAY_MS = 86_400_000;

interface Page {
  last: string | null;
  removed: number;
  emptied: number;
}

/**
 * Removes what is old about deliveries. Persons that a system has are remembered by their link, and may be sent twice:
 * their deliveries are removed. All other deliveries stay with their key, so that no effect happens twice, and the erasure
 * of a person finds the systems that know it; their content is emptied. The job walks along the primary key, because a
 * separate index would slow down every delivery.
 */
@Injectable()
@JobHandler('purge-deliveries')
export class PurgeDeliveriesJob implements ScheduledJob {
  readonly schedule = { cron: '37 3 * * *', catchUpMs: DAY_MS };
  private readonly logger = new Logger('retention');

  constructor(
    private readonly settings: IntegrationsSettings,
    private readonly clock: Clock,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    const cutoff = new Date(this.clock.now().getTime() - this.settings.deliveryDays * DAY_MS);
    const sums = { removed: 0, emptied: 0 };
    for (let after: string | null = FIRST_ID; after !== null;) {
      const page: Page = await this.purgeAfter(after, cutoff);
      sums.removed += page.removed;
      sums.emptied += page.emptied;
      after = page.last;
    }
    await this.dataSource.query(FORGET_RATES);
    await this.dataSource.query(FORGET_SEQUENCES);
    this.logger.log({ event: 'rows purged', table: 'deliveries', ...sums });
  }

  private purgeAfter(after: string, cutoff: Date): Promise<Page> {
    const { deliveryDays: days } = this.settings;
    return inTransaction(this.dataSource, async (manager) => {
      const values = [after, smallestUuidOf(cutoff), ROWS_PER_PAGE, cutoff];
      const [page] = await manager.query<[Page]>(PURGE_PAGE, values);
      if (page.removed > 0)
        await this.facts.record(manager, new RowsPurged('deliveries', page.removed, { days }));
      if (page.emptied > 0)
        await this.facts.record(
          manager,
          new RowsPurged('deliveries', page.emptied, { days, column: 'content' }),
        );
      return page;
    });
  }
}

/** A dead letter without its content cannot be queued again. */
const PURGE_PAGE = `
  with page as materialized (
    select id, ended_at < $4 and kind = 'upsertPerson' and status in ('accepted', 'unchanged') as is_settled,
      status not in ('queued', 'delivering') and coalesce(ended_at, updated_at) < $4 and (content <> '{}' or detail is not null) as is_full
    from deliveries where id > $1 and id < $2
    order by id limit $3
  ), removed as (
    delete from deliveries using page where deliveries.id = page.id and is_settled
    returning 1
  ), emptied as (
    update deliveries set content = '{}', detail = null,
      reason = case when content <> '{}' and status not in ('accepted', 'unchanged') then 'expired' else reason end,
      status = case when content <> '{}' and status not in ('accepted', 'unchanged') then 'cancelled' else status end
    from page where deliveries.id = page.id and is_full and not is_settled and deliveries.status not in ('queued', 'delivering')
    returning 1
  )
  select case when count(*) = $3 then max(id::text) end as last, (select count(*)::integer from removed) as removed,
    (select count(*)::integer from emptied) as emptied
  from page`;

/** A credential that has been idle saves up nothing. */
const FORGET_RATES = `delete from connector_rates where free_at < now() - interval '1 day'`;

/** No system gets a fact about an erased person, so its facts need no number once the last one has left the outbox. */
const FORGET_SEQUENCES = `
  delete from outbox_sequences where customer_id in (
    select counter.customer_id from outbox_sequences counter
    join customers on customers.id = counter.customer_id
    where erased_at is not null and not exists (
      select from outbox where outbox.customer_id = counter.customer_id)
    for update of counter skip locked)`;
