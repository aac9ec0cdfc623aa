import { judgeAddress } from '../evidence/address-verdict.js';
import { GONE_EVIDENCE } from '../evidence/gone-evidence.js';

const FAILURES = 'failures on three days, the last: ';

/** The source of a suppression: the refusal with its codes, and the name of the evidence, if any. */
export function sourceOf(refusal: string, evidence: string | null): string {
  return evidence === null ? refusal : `${refusal} (${evidence})`;
}

/** The source for an address that failed too often without a clear reason. */
export function sourceOfFailures(lastRefusal: string): string {
  return `${FAILURES}${lastRefusal}`;
}

/**
 * Whether a hard bounce with this source would be a suppression by the present rules. Old suppressions store
 * only the codes. If their codes alone do not say that the address is gone, no evidence is known for them.
 */
export function holdsToday(source: string): boolean {
  if (source.startsWith(FAILURES)) return true;
  const [, codes = '', evidence] = /^(?:smtp|dsn) ([\d. ]*?) ?(?:\((.+)\))?$/.exec(source) ?? [];
  if (evidence !== undefined && GONE_EVIDENCE.some(({ name }) => name === evidence)) return true;
  return judgeAddress({ status: null, words: codes, refusedAt: null }).address === 'gone';
}
