import type { RunSql } from '../test/support/database/invariants.js';
import type { MailLog } from './wires/mail-server.js';

/** Compares the messages that arrived with those that the service recorded as sent. */
export interface MailComparison {
  /** Notifications recorded as sent whose message did not arrive. */
  neverArrived: string[];
  /** Messages without a known notification. */
  unknown: string[];
  /** Messages that arrived more than once, with the number of copies. */
  repeated: { messageId: string; copies: number }[];
  /** Number of all copies beyond the first of each message. */
  extraCopies: number;
}

/** Compares the mail servers' log with the database. Every Message-ID is the notification's id. */
export async function compareMail(log: MailLog, sql: RunSql): Promise<MailComparison> {
  const copies = new Map<string, number>();
  for (const messageId of log) copies.set(messageId, (copies.get(messageId) ?? 0) + 1);
  const arrived = new Set([...copies.keys()].map((messageId) => messageId.split('@')[0] ?? ''));
  const notifications = await sql('select id, status from notifications');
  const known = new Set(notifications.map(({ id }) => String(id)));
  const sent = notifications.filter(({ status }) => status === 'sent').map(({ id }) => String(id));
  return {
    neverArrived: sent.filter((id) => !arrived.has(id)),
    unknown: [...arrived].filter((id) => !known.has(id)),
    repeated: [...copies]
      .filter(([, count]) => count > 1)
      .map(([messageId, count]) => ({ messageId, copies: count })),
    extraCopies: log.length - copies.size,
  };
}
