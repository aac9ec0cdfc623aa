import type { DataSource, EntityManager } from 'typeorm';
import type { MessageChoices } from '../../events/notification-facts.event.js';
import type { MessageRecipient } from '../messages/message-composer.service.js';
import type { MailCounts } from '../limits/mail-caps.service.js';
import type { ChannelName, NotificationKind } from '../notification-kind.js';

/** A queued notification with the data that its delivery depends on. */
export interface Delivery extends QueuedNotification {
  /** Whether its address is suppressed. */
  suppressed: boolean;
  /** Whether the domain of its address has refused our mail lately, because of us. */
  refusing: boolean;
  /** The counts of recent mails to its recipient. */
  mailCounts: MailCounts;
}

/** A row as the query returns it. */
export interface QueuedNotification extends MessageRecipient {
  id: string;
  customer_id: string;
  user_id: string;
  kind: NotificationKind;
  channel: ChannelName;
  attempts: number;
  /** The version of the template that an experiment chose; null for the active one. */
  template_version: number | null;
  resends: number;
  /** When an attempt began whose outcome is unknown. */
  handed_over_at: Date | null;
  /** The customer's choices. */
  notifications: MessageChoices['notifications'];
  portal_status: string;
  /** Whether the customer still belongs to the notification's user. */
  linked: boolean;
  /** Consecutive faults of the channel; 0 without a fault. */
  channel_failures: number;
  /** Until when the channel is or was paused, while its circuit is not closed. */
  paused_until: Date | null;
  /** Whether the customer is a member, by segment. */
  segments: Record<string, boolean>;
  /** When the notification was changed last, to the microsecond. */
  version: string;
}

/** All segments that have been filled. */
const SEGMENTS = `coalesce((
  select jsonb_object_agg(name, coalesce(serving_version_id = any(member_of), false))
  from segments left join customer_segments on customer_segments.customer_id = n.customer_id
  where serving_version_id is not null), '{}')`;

/** Finds those of the notifications that have not ended. */
export function findQueued(
  dataSource: DataSource,
  notificationIds: readonly string[],
): Promise<QueuedNotification[]> {
  return dataSource.query<QueuedNotification[]>(
    `select n.id, n.customer_id, n.user_id, n.kind, n.channel, n.attempts, n.resends, n.template_version, n.handed_over_at, c.email, c.name,
       p.locale, c.preferred_locales as "preferredLocales", p.timezone, p.currency,
       coalesce(c.stripe_created_at, c.created_at) as "customerSince",
       p.notifications,
       a.status as portal_status,
       coalesce(c.user_id = n.user_id, false) as linked,
       coalesce(s.failures, 0) as channel_failures, s.paused_until,
       n.updated_at::text as version, ${SEGMENTS} as segments
     from notifications n
     join customers c on c.id = n.customer_id
     join customer_preferences p on p.customer_id = n.customer_id
     join portal_accesses a on a.customer_id = n.customer_id
     left join notification_channel_states s on s.channel = n.channel
     where n.id = any($1) and n.status = 'queued'`,
    [notificationIds],
  );
}

/**
 * Locks the notification and returns whether it is unchanged since it was read. It has changed if this worker
 * was suspended past its lease and another worker took over.
 */
export async function isUnchanged(manager: EntityManager, { id, version }: Delivery): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `select from notifications where id = $1 and status = 'queued' and updated_at = $2 for update`,
    [id, version],
  );
  return rows.length > 0;
}
