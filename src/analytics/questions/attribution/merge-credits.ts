import type { SourceCredits, StoredCredits } from './attribution.queries.js';
import { sourceLabel } from './source-label.js';

/** The sources of an answer, the one with the most linear credit first. Credits of equal labels are added up. */
export function mergeCredits(stored: readonly StoredCredits[]): SourceCredits[] {
  const merged = new Map<string, SourceCredits>();
  for (const { origin, source, first, last, linear } of stored) {
    const credit: SourceCredits = {
      origin: origin === 'erased' ? 'unknown' : origin,
      source: source === null ? null : sourceLabel(source).label,
      first,
      last,
      linear,
    };
    const label = JSON.stringify([credit.origin, credit.source]);
    const known = merged.get(label);
    merged.set(label, known ? sumOfTwo(known, credit) : credit);
  }
  // Equal ones keep the order of their labels.
  return [...merged].toSorted(byLinearCredit).map(([, credit]) => credit);
}

function sumOfTwo(a: SourceCredits, b: SourceCredits): SourceCredits {
  return { ...a, first: a.first + b.first, last: a.last + b.last, linear: a.linear + b.linear };
}

function byLinearCredit(
  [labelOfA, a]: [string, SourceCredits],
  [labelOfB, b]: [string, SourceCredits],
): number {
  return b.linear - a.linear || (labelOfA < labelOfB ? -1 : 1);
}
