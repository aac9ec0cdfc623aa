import { float } from './literals.js';

/**
 * SQL of a verdict (`verdict.ts`). What time does not change is a boolean in which null is false: PostgreSQL stops at the
 * first member that decides a group. Everything else is the number, which is never null.
 */
export type SqlVerdict = { settled: string } | { timed: string };

export const ALWAYS = float(Infinity);
export const NEVER = float(-Infinity);

export function allSql(members: readonly SqlVerdict[]): SqlVerdict {
  const { settled, timed } = parted(members);
  if (timed.length === 0) return { settled: `(${settled.join(' and ')})` };
  const least = `least(${timed.join(', ')})`;
  if (settled.length === 0) return { timed: least };
  return { timed: `case when ${settled.join(' and ')} then ${least} else ${NEVER} end` };
}

export function anySql(members: readonly SqlVerdict[]): SqlVerdict {
  const { settled, timed } = parted(members);
  if (timed.length === 0) return { settled: `(${settled.join(' or ')})` };
  const greatest = `greatest(${timed.join(', ')})`;
  if (settled.length === 0) return { timed: greatest };
  return { timed: `case when ${settled.join(' or ')} then ${ALWAYS} else ${greatest} end` };
}

export function notSql(verdict: SqlVerdict): SqlVerdict {
  if ('settled' in verdict) return { settled: `not coalesce(${verdict.settled}, false)` };
  return { timed: `-(${verdict.timed})` };
}

/** SQL of the verdict as a number (float8). */
export function numberSql(verdict: SqlVerdict): string {
  if ('timed' in verdict) return verdict.timed;
  return `case when ${verdict.settled} then ${ALWAYS} else ${NEVER} end`;
}

function parted(members: readonly SqlVerdict[]): { settled: string[]; timed: string[] } {
  return {
    settled: members.flatMap((member) => ('settled' in member ? [member.settled] : [])),
    timed: members.flatMap((member) => ('timed' in member ? [member.timed] : [])),
  };
}
