import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { RowsPurged } from '../../events/rows-purged.event.js';
import { WebhookEventGivenUp } from '../../events/webhooks/webhook-event-given-up.event.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { FactRecorder } from '../../platform/unit-of-work/fact-recorder.service.js';
import { OPEN_OUTCOMES } from '../decision/event-outcome.js';

const EVENTS_PER_PAGE = 1000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

interface PurgedPage {
  lastId: string | null;
  /** Whether older events than the retention period may follow. */
  goesOn: boolean;
  purged: number;
  /** Events whose user has not come, by Stripe's ids. */
  givenUp: string[];
}

/**
 * Forgets the raw bodies of decided events after `WEBHOOK_RETENTION_DAYS`; ids and outcomes stay for ever, so
 * that a late redelivery is still recognised. What has waited for its user for `WEBHOOK_PENDING_DAYS` is given
 * up: should the user come after all, the next event about the customer sets it up. Walks along the primary key, a
 * page per statement: an index of its own would cost every event that arrives.
 */
@Injectable()
@JobHandler('purge-event-bodies')
export class PurgeEventBodiesJob implements JobRun<'purge-event-bodies'> {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly config: AppConfig,
    private readonly facts: FactRecorder,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    let purged = 0;
    let page = await this.purgeAfter(FIRST_ID);
    while (page.goesOn && page.lastId !== null) {
      purged += page.purged;
      page = await this.purgeAfter(page.lastId);
    }
    this.logger.log({ event: 'event bodies purged', purged: purged + page.purged });
  }

  /** What is forgotten is told of in the same transaction. */
  private purgeAfter(id: string): Promise<PurgedPage> {
    const { retentionDays, pendingDays } = this.config.webhook;
    const waitDays = Math.max(pendingDays, retentionDays);
    return inTransaction(this.dataSource, async (manager) => {
      const parameters = [id, EVENTS_PER_PAGE, retentionDays, OPEN_OUTCOMES, waitDays];
      const [page] = await manager.query<[PurgedPage]>(PURGE_PAGE, parameters);
      for (const stripeEventId of page.givenUp)
        await this.facts.record(manager, new WebhookEventGivenUp(stripeEventId, waitDays));
      const retention = { days: retentionDays, column: 'body' };
      if (page.purged > 0)
        await this.facts.record(manager, new RowsPurged('webhook_events', page.purged, retention));
      return page;
    });
  }
}

/** The outcome is looked at again when a row is updated: a replay may have opened the event meanwhile. */
const PURGE_PAGE = `
  with page as materialized (
    select id, outcome, body is not null as has_body, received_at < now() - $3 * interval '1 day' as is_old,
      received_at < now() - $5 * interval '1 day' as has_waited
    from webhook_events
    where id > $1
    order by id
    limit $2
  ), purged as (
    update webhook_events event
    set body = null,
      outcome = case event.outcome when 'pending_user' then 'unmatched' else event.outcome end,
      decided_at = case event.outcome when 'pending_user' then now() else event.decided_at end
    from page
    where event.id = page.id and page.has_body and page.is_old
      and (event.outcome <> all($4::text[]) or (event.outcome = 'pending_user' and page.has_waited))
    returning stripe_event_id, page.outcome = 'pending_user' as is_given_up
  )
  select max(id::text) as "lastId",
    count(*) = $2 and bool_or(is_old) as "goesOn",
    (select count(*)::int from purged) as purged,
    array(select stripe_event_id from purged where is_given_up) as "givenUp"
  from page`;
