const ISO = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;
const FUTURE_MS = 5 * 60_000;

/** The limits of the time of an event, in milliseconds since 1970. */
export interface Received {
  at: number;
  /** Events before it are not kept. */
  keptFrom: number;
}

export type TimeRefusal = 'time_invalid' | 'time_in_the_future' | 'time_before_retention';

/**
 * When an event happened, in milliseconds since 1970. As at Segment, the skew of the client's clock is removed: the
 * event is as long before its receipt as it was before the client sent it.
 * @param batchSentAt `sentAt` of the batch, for events without one of their own
 */
export function occurredAtOf(
  event: Record<string, unknown>,
  batchSentAt: unknown,
  received: Received,
): number | TimeRefusal {
  const happened = timeOf(event.originalTimestamp ?? event.timestamp);
  const sent = timeOf(event.sentAt ?? batchSentAt);
  if (Number.isNaN(happened) || Number.isNaN(sent)) return 'time_invalid';
  if (happened === null) return received.at;
  const occurredAt = sent === null ? happened : received.at - (sent - happened);
  if (occurredAt > received.at + FUTURE_MS) return 'time_in_the_future';
  return occurredAt < received.keptFrom ? 'time_before_retention' : occurredAt;
}

/** Null if there is none, NaN if it is no time. */
function timeOf(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  const [, day] = (typeof value === 'string' && ISO.exec(value)) || [];
  if (day === undefined || !isDay(day)) return Number.NaN;
  return Date.parse(value as string);
}

/** `Date` takes the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
