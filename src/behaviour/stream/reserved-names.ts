const FACTS: ReadonlySet<string> = new Set(['customer_created', 'welcomed', 'portal_accessed']);
const PREFIXES = /^(\$|stage_|mrr_|payment_|milestone_)/;

/** Whether only this service may give an event that name: to facts, and (`$page`, `$identify`, …) to types of calls. */
export function isReserved(name: string): boolean {
  return FACTS.has(name) || PREFIXES.test(name);
}
