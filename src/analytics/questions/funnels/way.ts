import type { EventSelectionDto } from '../definitions/event-selection.dto.js';

/** The steps of a funnel, and when its attempts begin and end. */
export interface Way {
  steps: readonly EventSelectionDto[];
  exclusions: readonly EventSelectionDto[];
  breakdown: WayBreakdown | null;
  /** Attempts begin from `from` on and before `to`. */
  from: Date;
  to: Date;
  /** Events after this moment are not counted. */
  asOf: Date;
  windowMs: number;
}

/**
 * A property of the event that fills a step, or membership of a version of a segment, with the values that are shown; the
 * first has the code 1.
 */
export interface WayBreakdown {
  step: number;
  property?: string;
  versionId?: number;
  values: readonly (string | null)[];
}

/** The code of a group: 1 … 50 are the values of a breakdown in their order. */
export const GROUP = { total: -1, notReached: 0, erased: 62, other: 63 } as const;

/** The last moment at which an event can be part of an attempt. */
export function endOf({ to, asOf, windowMs }: Pick<Way, 'to' | 'asOf' | 'windowMs'>): Date {
  return new Date(Math.min(to.getTime() + windowMs, asOf.getTime()));
}
