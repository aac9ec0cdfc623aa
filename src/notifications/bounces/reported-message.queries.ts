import type { EntityManager } from 'typeorm';
import { normaliseAddress } from '../../platform/mail-address.js';
import type { ReportedMail } from './reports/reported-mail.js';

/** Our message that a report is about, and its address. */
export interface ReportedMessage {
  id: string;
  /**
   * Whether the notification has not been sent again since. Then the result of the mail is the result of the
   * notification.
   */
  isLatest: boolean;
  /** Reports about this mail that are recorded already. A repeated one changes nothing, even if it is late. */
  known: { outcome: string; isOtherAddress: boolean }[];
  customer_id: string;
  /** The address that the report is about. */
  email: string;
  /** Whether the report names an address that the customer had before or after this mail. */
  isOtherAddress: boolean;
}

/** @param reported the addresses that the report names. One that never was the customer's is a forwarding target. */
export async function findReportedMessage(
  manager: EntityManager,
  { notificationId, resends }: ReportedMail,
  reported: readonly string[],
): Promise<ReportedMessage | null> {
  const [row] = await manager.query<(Omit<ReportedMessage, 'isOtherAddress'> & { addresses: string[] })[]>(
    REPORTED_MESSAGE,
    [notificationId, resends],
  );
  if (!row) return null;
  const { addresses, ...message } = row;
  const named = new Set(reported.map(normaliseAddress));
  const isNamed = (address: string) => named.has(normaliseAddress(address));
  const other = isNamed(message.email) ? undefined : addresses.find(isNamed);
  return { ...message, email: other ?? message.email, isOtherAddress: other !== undefined };
}

/**
 * Finds the address that the mail went to, and all addresses of the customer. Former addresses are in the
 * audit trail.
 */
const REPORTED_MESSAGE = `
  select n.id, n.customer_id, n.resends <= $2 as "isLatest",
    coalesce((
      select json_agg(json_build_object(
        'outcome', details ->> 'outcome',
        'isOtherAddress', coalesce((details ->> 'isOtherAddress')::boolean, false)))
      from audit_entries
      where object_id = n.id::text and action = 'notification.bounced'
        and coalesce((details ->> 'resends')::int, 0) = $2
    ), '[]') as known,
    array(
      select c.email union
      select personal #>> '{email,before}' from audit_entries
      where customer_id = c.id and action = 'customer.updated' and personal ? 'email'
    ) as addresses,
    coalesce(
    (select personal #>> '{email,before}' from audit_entries
     where customer_id = c.id and action = 'customer.updated' and personal ? 'email'
       and occurred_at > coalesce(left_at, n.sent_at, n.updated_at)
     order by occurred_at limit 1),
    c.email) as email
  from notifications n join customers c on c.id = n.customer_id
  left join lateral (
    select attempted_at as left_at from notification_attempts
    where notification_id = n.id and outcome = 'accepted' and n.resends > $2
    order by id offset $2 limit 1
  ) mail on true
  where n.id = $1 and n.channel = 'email'
  for no key update of n`;
