import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { spellingsOf } from '../../platform/mail-address.js';
import { DomainError } from '../../platform/http/domain-error.js';
import type { TimelineItemDto, TimelinePageDto, TimelineQuery } from './timeline.dto.js';

/** Merges the records of all modules about a customer. Reads each table by an index. */
@Injectable()
export class Timeline {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @throws DomainError customer_not_found */
  async list(stripeCustomerId: string, { limit, cursor }: TimelineQuery): Promise<TimelinePageDto> {
    const [customer] = await this.dataSource.query<{ id: string; userId: string | null; email: string }[]>(
      `select id, user_id as "userId", email from customers
       where stripe_customer_id = $1 order by id desc limit 1`,
      [stripeCustomerId],
    );
    if (!customer && !(await this.isMentioned(stripeCustomerId)))
      throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    const { id = null, userId = null } = customer ?? {};
    const addresses = customer ? await this.addressesOf(customer) : [];
    const parameters = [id, cursor ?? LAST_ID, limit + 1, userId, addresses, stripeCustomerId];
    const rows = await this.dataSource.query<TimelineItemDto[]>(TIMELINE, parameters);
    const items = rows.slice(0, limit);
    const nextCursor = rows.length > limit ? (items.at(-1)?.id ?? null) : null;
    return { isSetUp: customer !== undefined, items, nextCursor };
  }

  /** The present and the former addresses in every spelling. */
  private async addressesOf({ id, email }: { id: string; email: string }): Promise<string[]> {
    const former = await this.dataSource.query<{ email: string }[]>(FORMER_ADDRESSES, [id]);
    return [{ email }, ...former].flatMap((address) => spellingsOf(address.email));
  }

  /** Whether an event without an effect is about this customer. */
  private async isMentioned(stripeCustomerId: string): Promise<boolean> {
    const found = await this.dataSource.query<unknown[]>(
      'select from webhook_events where customer_id is null and stripe_customer_id = $1 limit 1',
      [stripeCustomerId],
    );
    return found.length > 0;
  }
}

/** The ids of all tables are UUIDs of version 7, so their order is that of time. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const FORMER_ADDRESSES = `
  select distinct personal #>> '{email,before}' as email from audit_entries
  where customer_id = $1 and action = 'customer.updated' and personal #>> '{email,before}' is not null`;

const EVENTS = `
  select id, 'event', type, received_at, jsonb_build_object(
     'stripeEventId', stripe_event_id, 'outcome', outcome, 'errorCode', error_code, 'decidedAt', decided_at)
  from webhook_events`;

const ACTS = `
  select id, 'act', action, occurred_at, jsonb_build_object(
     'actorType', actor_type, 'actorId', actor_id, 'source', source, 'objectType', object_type,
     'objectId', object_id, 'details', details, 'personal', personal)
  from audit_entries`;

/** Names of the segments of versions, deleted segments included. */
function namesOf(versions: string): string {
  return `array(select distinct segment from segment_versions where segment_versions.id = any(${versions}) order by 1)`;
}

/** The entries of delivery jobs are left out, because the message and its attempts show the result. */
const SOURCES = [
  `${EVENTS} where customer_id = $1`,
  `${EVENTS} where customer_id is null and stripe_customer_id = $6`,
  `${ACTS} where customer_id is null and object_id = any(array(
     select stripe_event_id from webhook_events where customer_id is null and stripe_customer_id = $6
     union all select $6))`,
  `${ACTS} where customer_id = $1 and not (object_type = 'notification' and source = 'job')`,
  `${ACTS} where object_type = 'user' and object_id = $4`,
  `${ACTS} where object_type = 'suppression' and personal ->> 'address' = any($5) and customer_id is null`,
  `select id, 'message', kind, created_at, jsonb_build_object(
     'channel', channel, 'status', status, 'reason', reason, 'sentAt', sent_at, 'nextAttemptAt', next_attempt_at)
   from notifications where customer_id = $1`,
  `select id, 'attempt', outcome, attempted_at, jsonb_build_object(
     'notificationId', notification_id, 'kind', kind, 'channel', channel, 'smtpCode', smtp_code, 'phase', phase)
   from (
     select attempt.*, kind, channel
     from notification_attempts attempt join notifications n on n.id = notification_id
     where customer_id = $1
   ) as attempts where true`,
  `select id, 'lifecycle', to_stage, recorded_at, jsonb_build_object('from', from_stage, 'trigger', trigger,
     'stripeEventId', stripe_event_id, 'occurredAt', occurred_at)
   from lifecycle_transitions where customer_id = $1`,
  `select id, 'revenue', kind, recorded_at, jsonb_build_object('currency', currency, 'beforeMinor', before_minor,
     'afterMinor', after_minor, 'stripeEventId', stripe_event_id, 'occurredAt', occurred_at)
   from mrr_movements where customer_id = $1`,
  `select id, 'automation', automation, created_at, jsonb_build_object('state', state, 'reason', reason,
     'version', version, 'step', step, 'endedAt', ended_at)
   from automation_runs where customer_id = $1`,
  `select id, 'segment', cause, recorded_at, jsonb_build_object(
     'entered', ${namesOf('entered')}, 'left', ${namesOf('"left"')},
     'stripeEventId', stripe_event_id, 'effectiveAt', effective_at)
   from segment_changes where customer_id = $1`,
  `select id, 'segment', 'customer.created', created_at, jsonb_build_object(
     'entered', ${namesOf('first_member_of')}, 'left', '[]'::jsonb,
     'stripeEventId', stripe_event_id, 'effectiveAt', least(coalesce(stripe_created_at, created_at), created_at))
   from customers join customer_segments on customer_id = id
   where id = $1 and first_member_of <> '{}'`,
];

const TIMELINE = `
  select * from (
    ${SOURCES.map((source) => `(${source} and id < $2 order by id desc limit $3)`).join(' union all ')}
  ) as timeline (id, type, what, at, details)
  order by id desc limit $3`;
