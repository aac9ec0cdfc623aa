import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { RowsPurged } from '../../../events/rows-purged.event.js';
import { WebhookEventGivenUp } from '../../../events/webhooks/webhook-event-given-up.event.js';
import { WebhooksSettings } from '../../webhooks.settings.js';
import { inTransaction } from '../../../platform/database/transaction.js';
import { JobHandler, type ScheduledJob } from '../../../platform/jobs/job-handler.js';
import { OPEN_OUTCOMES } from '../../stripe/event-outcome.js';
import { Facts } from '../../../platform/facts/facts.service.js';

const EVENTS_PER_PAGE = 1000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

interface PurgedPage {
  lastId: string | null;
  /** Whether more events beyond the retention period may follow. */
  goesOn: boolean;
  purged: number;
  /** Stripe's ids of events whose user never arrived. */
  givenUp: { stripeEventId: string; outcomeBefore: string }[];
}

/**
 * Erases the raw bodies of decided events, with the addresses found in them, after `WEBHOOK_RETENTION_DAYS`.
 * Ids and outcomes are kept without limit, so that a late redelivery is still recognised. An event that has
 * waited for its user for `WEBHOOK_PENDING_DAYS` expires; if the user arrives later, the next event about the
 * customer sets it up. The job walks along the primary key, one page per statement, because a separate index
 * would slow down every arriving event.
 */
@Injectable()
@JobHandler('purge-event-bodies')
export class PurgeEventBodiesJob implements ScheduledJob {
  readonly schedule = { cron: '17 3 * * *', catchUpMs: 86_400_000 };
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly settings: WebhooksSettings,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    await this.purge();
  }

  /** @returns the number of events whose bodies were erased */
  async purge(): Promise<number> {
    let purged = 0;
    let page = await this.purgeAfter(FIRST_ID);
    while (page.goesOn && page.lastId !== null) {
      purged += page.purged;
      page = await this.purgeAfter(page.lastId);
    }
    purged += page.purged;
    this.logger.log({ event: 'event bodies purged', purged });
    return purged;
  }

  /** Emits the facts about a page in the transaction that erases its bodies. */
  private purgeAfter(id: string): Promise<PurgedPage> {
    const { retentionDays, pendingDays } = this.settings;
    const waitDays = Math.max(pendingDays, retentionDays);
    return inTransaction(this.dataSource, async (manager) => {
      const parameters = [id, EVENTS_PER_PAGE, retentionDays, OPEN_OUTCOMES, waitDays];
      const [page] = await manager.query<[PurgedPage]>(PURGE_PAGE, parameters);
      for (const { stripeEventId, outcomeBefore } of page.givenUp)
        await this.facts.record(manager, new WebhookEventGivenUp(stripeEventId, outcomeBefore, waitDays));
      const retention = { days: retentionDays, column: 'body' };
      if (page.purged > 0)
        await this.facts.record(manager, new RowsPurged('webhook_events', page.purged, retention));
      return page;
    });
  }
}

/** The update checks the outcome again, because a replay may have opened the event since it was read. */
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
      email = null,
      outcome = case when event.outcome in ('pending_user', 'pending_customer') then 'unmatched' else event.outcome end,
      decided_at = case when event.outcome in ('pending_user', 'pending_customer') then now() else event.decided_at end
    from page
    where event.id = page.id and page.has_body and page.is_old
      and (event.outcome <> all($4::text[]) or (event.outcome in ('pending_user', 'pending_customer') and page.has_waited))
    returning stripe_event_id, page.outcome, page.outcome in ('pending_user', 'pending_customer') as is_given_up
  )
  select max(id::text) as "lastId",
    count(*) = $2 and bool_or(is_old) as "goesOn",
    (select count(*)::int from purged) as purged,
    array(
      select json_build_object('stripeEventId', stripe_event_id, 'outcomeBefore', outcome) from purged where is_given_up
    ) as "givenUp"
  from page`;
