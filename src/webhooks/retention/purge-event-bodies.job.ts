import { Injectable, Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { RowsPurged } from '../../events/rows-purged.event.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { OPEN_OUTCOMES } from '../decision/event-outcome.js';

const EVENTS_PER_PAGE = 1000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

interface PurgedPage {
  lastId: string | null;
  /** Whether older events than the retention period may follow. */
  goesOn: boolean;
  purged: number;
}

/**
 * Forgets the raw bodies of decided events after `WEBHOOK_RETENTION_DAYS`; ids and outcomes stay for ever, so
 * that a late redelivery is still recognised. What has waited for its user for `WEBHOOK_PENDING_DAYS` is given up:
 * should the user come after all, the next event about the customer sets it up. Walks along the primary key, a page per statement: an index of
 * its own would cost every event that arrives.
 */
@Injectable()
@JobHandler('purge-event-bodies')
export class PurgeEventBodiesJob implements JobRun<'purge-event-bodies'> {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly config: AppConfig,
    private readonly emitter: EventEmitter2,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    let purged = 0;
    let page = await this.purgeAfter(FIRST_ID);
    while (page.goesOn && page.lastId !== null) {
      purged += page.purged;
      page = await this.purgeAfter(page.lastId);
    }
    purged += page.purged;
    this.logger.log({ event: 'event bodies purged', purged });
    if (purged > 0) await this.record(purged);
  }

  private async record(purged: number): Promise<void> {
    const unit = new UnitOfWork();
    const retention = { days: this.config.webhook.retentionDays, column: 'body' };
    const fact = new RowsPurged('webhook_events', purged, retention);
    await this.emitter.emitAsync(fact.eventName, fact, unit);
    await inTransaction(this.dataSource, (manager) => this.writer.write(manager, [unit]));
  }

  private async purgeAfter(id: string): Promise<PurgedPage> {
    const { retentionDays, pendingDays } = this.config.webhook;
    const [page] = await this.dataSource.query(PURGE_PAGE, [
      id,
      EVENTS_PER_PAGE,
      retentionDays,
      OPEN_OUTCOMES,
      Math.max(pendingDays, retentionDays),
    ]);
    return page as PurgedPage;
  }
}

/** The outcome is looked at again when a row is updated: a replay may have opened the event meanwhile. */
const PURGE_PAGE = `
  with page as materialized (
    select id, body is not null as has_body, received_at < now() - $3 * interval '1 day' as is_old,
      received_at < now() - $5 * interval '1 day' as has_waited
    from webhook_events
    where id > $1
    order by id
    limit $2
  ), purged as (
    update webhook_events event
    set body = null, outcome = case event.outcome when 'pending_user' then 'unmatched' else event.outcome end
    from page
    where event.id = page.id and page.has_body and page.is_old
      and (event.outcome <> all($4::text[]) or (event.outcome = 'pending_user' and page.has_waited))
    returning 1
  )
  select max(id::text) as "lastId",
    count(*) = $2 and bool_or(is_old) as "goesOn",
    (select count(*)::int from purged) as purged
  from page`;
